package main

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// summary has the figures of the program's report under the same names.
type summary struct {
	Report        string      `json:"report"`
	Book          string      `json:"book"`
	From          string      `json:"from"`
	To            string      `json:"to"`
	Basis         string      `json:"basis"`
	AsOf          int64       `json:"as_of"`
	Root          string      `json:"root"`
	Trades        trades      `json:"trades"`
	Land          []land      `json:"land"`
	LandRecords   landRecords `json:"land_records"`
	About         about       `json:"about"`
	SimpleMean    namedRate   `json:"simple_mean"`
	PublishedOnly bool        `json:"published_only,omitempty"`
}

type about struct {
	Kind     string `json:"kind"`
	NameZH   string `json:"name_zh"`
	NameEN   string `json:"name_en"`
	Division string `json:"division,omitempty"`
}

type trades struct {
	Hammered       int64       `json:"hammered"`
	Unsold         int64       `json:"unsold"`
	Defaulted      int64       `json:"defaulted"`
	Signed         int64       `json:"signed"`
	BaseTotal      string      `json:"base_total"`
	HammerTotal    string      `json:"hammer_total"`
	ContractTotal  string      `json:"contract_total"`
	PremiumTotal   string      `json:"premium_total"`
	PremiumRate    *string     `json:"premium_rate"`
	RateDefinition string      `json:"rate_definition"`
	Disputed       int64       `json:"disputed"`
	Terminated     int64       `json:"terminated"`
	Withdrawn      int64       `json:"withdrawn"`
	WithoutTotal   int64       `json:"without_total"`
	Procurement    int64       `json:"procurement"`
	Undated        int64       `json:"undated"`
	Competitive    part        `json:"competitive"`
	Uncontested    part        `json:"without_competition"`
	OtherRates     []namedRate `json:"other_rates"`
	Reviewed       int64       `json:"reviewed"`
	Months         []month     `json:"months"`
}

// part is the sums of some of the hammered lots.
type part struct {
	Hammered     int64   `json:"hammered"`
	BaseTotal    string  `json:"base_total"`
	HammerTotal  string  `json:"hammer_total"`
	PremiumTotal string  `json:"premium_total"`
	PremiumRate  *string `json:"premium_rate"`

	sums
}

type month struct {
	Month        string `json:"month"`
	Hammered     int64  `json:"hammered"`
	BaseTotal    string `json:"base_total"`
	HammerTotal  string `json:"hammer_total"`
	PremiumTotal string `json:"premium_total"`
}

type namedRate struct {
	Definition string  `json:"rate_definition"`
	Rate       *string `json:"premium_rate"`
	Lots       int64   `json:"lots"`
}

type land struct {
	Owner        string         `json:"owner"`
	Categories   []landCategory `json:"categories"`
	Parcels      int            `json:"parcels"`
	VerifiedArea string         `json:"verified_area_mu"`
	RoundingGap  string         `json:"rounding_gap_mu"`
	VisitedOnly  int            `json:"visited_not_verified"`
}

type landCategory struct {
	Category     string `json:"category"`
	Parcels      int    `json:"parcels"`
	VerifiedArea string `json:"verified_area_mu"`
}

type landRecords struct {
	Verifications int `json:"verifications"`
	Parcels       int `json:"parcels"`
}

// adder adds up the hammered lots of a period.
type adder struct {
	trades

	all, firstYear sums
	firstYearLots  int64
	totalled       int64
	byMonth        map[string]*part
	mean           big.Rat
	meanLots       int64
}

// summary adds up a period, both days included.
func (f *figures) summary(from, to string) *summary {
	a := &adder{byMonth: map[string]*part{}}
	for _, l := range f.lots {
		switch {
		case l.day == "":
			a.Undated++
		case l.day < from || l.day > to:
		case !l.sale:
			a.Procurement++
		default:
			a.count(f, &l)
		}
	}
	a.finish(from, to)
	s := &summary{
		Report: "summary", Book: f.profile.Code, From: from, To: to, Basis: "hammered_on", Trades: a.trades,
		About:      about{f.profile.Kind, f.profile.NameZH, cmp.Or(f.profile.NameEN, f.profile.NameZH), f.profile.Division},
		SimpleMean: a.simpleMean(),
	}
	s.addLand(f, from, to)
	return s
}

func (a *adder) count(f *figures, l *lot) {
	switch l.outcome {
	case "unsold":
		a.Unsold++
	case "defaulted":
		a.Defaulted++
	case "terminated":
		a.Terminated++
	case "withdrawn":
		a.Withdrawn++
	case "confirmed":
		a.Signed++
		a.sold(f, l)
	case "disputed":
		a.Disputed++
		a.sold(f, l)
	case "hammered":
		a.sold(f, l)
	}
}

func (a *adder) sold(f *figures, l *lot) {
	a.Hammered++
	if f.approved(l) {
		a.Reviewed++
	}
	of := &a.Competitive
	if !l.competitive {
		of = &a.Uncontested
	}
	m := a.byMonth[l.day[:len("2021-03")]]
	if m == nil {
		m = new(part)
		a.byMonth[l.day[:len("2021-03")]] = m
	}
	of.Hammered++
	m.Hammered++
	if l.totalled {
		a.totalled++
		a.all.add(l.base, l.hammer)
		of.add(l.base, l.hammer)
		m.add(l.base, l.hammer)
		if l.base != 0 {
			a.mean.Add(&a.mean, rounded(big.NewRat(l.hammer-l.base, l.base), meanPlaces))
			a.meanLots++
		}
	}
	if l.firstYearKnow {
		a.firstYearLots++
		a.firstYear.add(l.firstBase, l.firstHammer)
	}
}

// meanPlaces is how far a single rate is carried before simple means are taken: no sum of fractions grows without end.
const meanPlaces = 30

func (a *adder) simpleMean() namedRate {
	r := namedRate{Definition: "simple_mean", Lots: a.meanLots}
	if a.meanLots > 0 {
		rate := fixed(new(big.Rat).Quo(&a.mean, big.NewRat(a.meanLots, 1)), 4)
		r.Rate = &rate
	}
	return r
}

func (p *part) finish() {
	p.BaseTotal, p.HammerTotal, p.PremiumTotal = fixed(yuan(&p.base), 2), fixed(yuan(&p.hammer), 2), fixed(p.premium(), 2)
	p.PremiumRate = quotient(p.premium(), yuan(&p.base))
}

// finish computes what follows from the sums. Rates are rounded once, here.
func (a *adder) finish(from, to string) {
	whole := part{sums: a.all}
	whole.finish()
	a.BaseTotal, a.HammerTotal, a.ContractTotal = whole.BaseTotal, whole.HammerTotal, whole.HammerTotal
	a.PremiumTotal, a.PremiumRate, a.RateDefinition = whole.PremiumTotal, whole.PremiumRate, "on_contract_total"
	a.WithoutTotal = a.Hammered - a.totalled
	a.Competitive.finish()
	a.Uncontested.finish()
	a.OtherRates = []namedRate{
		{"on_first_year", quotient(a.firstYear.premium(), yuan(&a.firstYear.base)), a.firstYearLots},
		{"on_hammer_total", quotient(a.all.premium(), yuan(&a.all.hammer)), a.totalled},
	}
	a.Months = []month{}
	names := monthsOf(from[:7], to[:7])
	for _, name := range names {
		m := a.byMonth[name]
		if m == nil && len(names) > monthsMost {
			continue
		}
		if m == nil {
			m = new(part)
		}
		m.finish()
		a.Months = append(a.Months, month{name, m.Hammered, m.BaseTotal, m.HammerTotal, m.PremiumTotal})
	}
}

// monthsMost are listed one by one; longer periods list those with trades only.
const monthsMost = 36

// monthsOf are the months of a period.
func monthsOf(from, to string) []string {
	var list []string
	for name := from; name <= to; {
		list = append(list, name)
		year, month := 100*two([]byte(name))+two([]byte(name[2:])), two([]byte(name[5:]))
		if month++; month > 12 {
			year, month = year+1, 1
		}
		name = fmt.Sprintf("%04d-%02d", year, month)
		if len(name) > len("2021-03") {
			break // beyond the year 9999
		}
	}
	return list
}

// visited is a parcel within the period, by its latest verification that found an area.
type visited struct {
	verifications int
	area          string
}

func (s *summary) addLand(f *figures, from, to string) {
	var order []int64
	for record, v := range f.verifications {
		if _, stands := f.parcels[v.parcel]; stands && v.on >= from && v.on <= to {
			order = append(order, record)
		}
	}
	slices.SortFunc(order, func(a, b int64) int {
		return cmp.Or(strings.Compare(f.verifications[a].on, f.verifications[b].on), cmp.Compare(a, b))
	})
	seen := map[int64]visited{}
	for _, record := range order {
		v := f.verifications[record]
		p := seen[v.parcel]
		p.verifications++
		if v.area != "" {
			p.area = v.area
		}
		seen[v.parcel] = p
	}
	for _, owner := range []string{"collective", "state", "undetermined"} {
		if l := s.landOf(f, seen, owner); owner != "undetermined" || l.Parcels+l.VisitedOnly > 0 {
			s.Land = append(s.Land, l)
		}
	}
}

// landOf is the verified land of an owner: the sum of exact areas, rounded once.
func (s *summary) landOf(f *figures, seen map[int64]visited, owner string) land {
	l := land{Owner: owner, Categories: []landCategory{}}
	areas, counts, exact := map[string]*big.Rat{}, map[string]int{}, new(big.Rat)
	for record, v := range seen {
		p := f.parcels[record]
		if p.owner != owner {
			continue
		}
		s.LandRecords.Verifications += v.verifications
		s.LandRecords.Parcels++
		if v.area == "" {
			l.VisitedOnly++
			continue
		}
		area, _ := new(big.Rat).SetString(v.area) // in a form that the scanner has seen
		if areas[p.category] == nil {
			areas[p.category] = new(big.Rat)
		}
		areas[p.category].Add(areas[p.category], area)
		exact.Add(exact, area)
		counts[p.category]++
		l.Parcels++
	}
	parts := new(big.Rat)
	for _, c := range inOrder(counts) {
		parts.Add(parts, rounded(areas[c], 2))
		l.Categories = append(l.Categories, landCategory{c, counts[c], fixed(areas[c], 2)})
	}
	l.VerifiedArea = fixed(exact, 2)
	l.RoundingGap = fixed(difference(rounded(exact, 2), parts), 2)
	return l
}

// inOrder puts categories in the order of reports; those that only a paper knows follow in byte order.
func inOrder(counts map[string]int) []string {
	known := []string{"reserved_land", "self_use_land", "state_asset", "collective_construction", "homestead", "farmland", "public_facility"}
	var list []string
	for c := range counts {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b string) int {
		place := func(c string) int {
			if i := slices.Index(known, c); i >= 0 {
				return i
			}
			return len(known)
		}
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a, b))
	})
	return list
}
