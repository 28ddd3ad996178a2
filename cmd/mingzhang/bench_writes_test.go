//go:build bench

package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// writes measures single durable writes against single-row INSERTs of the same columns and indexes.
func (b *bench) writes() {
	b.part("One lot a write, committed, in process, one book")
	raw := pgconn.Open(b.where(localpg.OwnerRole, 32))
	defer raw.Close()
	b.must(b.db.Owner().ExecContext(b.Context(), "CREATE TABLE raw_writes (LIKE lots INCLUDING ALL)"))
	book := b.book("writes")
	for nth, clients := range []int{1, 32} {
		window := time.Second
		if clients > 1 {
			window = 2 * time.Second
		}
		var own, yard []float64
		var waits, rawWaits []time.Duration
		for round := range rounds {
			first := 1_000_000 * (nth*rounds + round) // so that no number comes twice
			list := b.hammer(clients, window, func(client, i int) time.Duration { return b.appendLot(book, client, first+i) })
			own, waits = append(own, rate(len(list), window)), append(waits, list...)
			list = b.hammer(clients, window, func(client, i int) time.Duration { return b.insertRaw(raw, client, first+i) })
			yard, rawWaits = append(yard, rate(len(list), window)), append(rawWaits, list...)
		}
		target := ""
		if clients > 1 {
			target = "≥ 0.40"
		}
		b.line(fmt.Sprintf("%d client(s)", clients), perSecond(median(own), "commits"), "INSERT "+perSecond(median(yard), "commits"),
			ratio(median(own)/median(yard)), target)
		p50, p99, longest := percentiles(waits)
		r50, r99, rawLongest := percentiles(rawWaits)
		b.line("  p50 / p99 / longest wait", ms(p50)+" / "+ms(p99)+" / "+ms(longest), "INSERT "+ms(r50)+" / "+ms(r99)+" / "+ms(rawLongest), "", "")
	}
}

// hammer lets clients work for a while, each as fast as it can, and gives how long each piece took.
func (b *bench) hammer(clients int, window time.Duration, work func(client, i int) time.Duration) []time.Duration {
	var wg sync.WaitGroup
	lists := make([][]time.Duration, clients)
	end := time.Now().Add(window)
	for client := range clients {
		wg.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				lists[client] = append(lists[client], work(client, i))
			}
		})
	}
	wg.Wait()
	return slices.Concat(lists...)
}

// lot is an invented lot of a client.
func lot(client, i int) *auction.LotState {
	base, err := ledger.ParseMoney("120000.00")
	if err != nil {
		panic(err)
	}
	day, err := ledger.NewDay(2021, 1+i%6, 1+i%28)
	if err != nil {
		panic(err)
	}
	hammer, n := base.Add(base), int64(i%9)
	return &auction.LotState{
		LotNo: fmt.Sprintf("虚构-%02d-%08d", client, i), Listing: 1, AssetName: "虚构商铺", Collective: fmt.Sprintf("虚构村%d经济联社", i%40),
		Kind: "shop", TradeKind: "lease", Method: "online_bidding", Direction: auction.Sale, Outcome: auction.Hammered, Convention: "stated",
		HammeredOn: &day, BaseTotal: &base, HammerTotal: &hammer, Registrants: &n, Bidders: &n, Deposit: &base, Term: "36个月",
	}
}

// appendLot records one lot as a command does that refuses a number twice.
func (b *bench) appendLot(book *ledger.Book, client, i int) time.Duration {
	state := lot(client, i)
	row := auction.Kind().Project(ledger.Entry{Kind: "lot.recorded", State: state}).(*auction.Lot)
	command := ledger.Command{
		Actor: b.actor, Reads: []ledger.Read{{Table: auction.Lots(), Index: "lot_no_key", Keys: []string{row.LotNoKey}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			if len(p.Find(auction.Lots(), "lot_no_key", row.LotNoKey)) > 0 {
				return nil, ledger.E(ledger.Conflict, "lot.recorded_otherwise", state.LotNo, 1, "")
			}
			return []ledger.Draft{{Kind: "lot.recorded", State: state}}, nil
		},
	}
	start := time.Now()
	if _, err := book.Do(b.Context(), command); err != nil {
		b.Error(err)
	}
	return time.Since(start)
}

// insertRaw inserts the same columns of the same lot; the text of the statement is made outside the clock.
func (b *bench) insertRaw(db *bun.DB, client, i int) time.Duration {
	row := auction.Kind().Project(ledger.Entry{Kind: "lot.recorded", State: lot(client, i)}).(*auction.Lot)
	row.Version = ledger.Version{BookID: 1, ID: int64(client)*1_000_000_000 + int64(i), SeqFrom: int64(client)*1_000_000_000 + int64(i)}
	text := db.NewInsert().Model(row).ModelTableExpr("raw_writes").String()
	start := time.Now()
	if _, err := db.DB.ExecContext(b.Context(), text); err != nil {
		b.Error(err)
	}
	return time.Since(start)
}

func percentiles(list []time.Duration) (p50, p99, longest time.Duration) {
	if len(list) == 0 {
		return 0, 0, 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2], sorted[len(sorted)*99/100], sorted[len(sorted)-1]
}
