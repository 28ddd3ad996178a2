//go:build bench

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"mingzhang/auction"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// enterers are how many people enter lots at once, each signed in with an account of their own.
var enterers = []int{1, 8, 32, 128}

// entering measures durable single writes over HTTP against raw INSERTs of as many connections, in turns.
func (b *bench) entering() {
	b.part(fmt.Sprintf("One lot a write, over HTTP, signed in, a book of %d lots", b.rows))
	book := b.filled(b.rows)
	most := enterers[len(enterers)-1]
	tokens := b.clerks(book, most)
	s := b.serve()
	defer s.stop()
	raw := pgconn.Open(b.where(localpg.OwnerRole, most))
	defer raw.Close()
	b.must(b.db.Owner().ExecContext(b.Context(), "DROP TABLE IF EXISTS raw_writes; CREATE TABLE raw_writes (LIKE lots INCLUDING ALL)"))
	path := "/api/v1/books/" + book.Code + "/lots"
	own, yard := make([][]float64, len(enterers)), make([][]float64, len(enterers))
	waits, rawWaits := make([][]time.Duration, len(enterers)), make([][]time.Duration, len(enterers))
	const window = 2 * time.Second
	for round := range rounds {
		for nth, clients := range enterers {
			first := 1_000_000 * (100 + round*len(enterers) + nth) // so that no number comes twice
			list := b.hammer(clients, window, func(client, i int) time.Duration {
				return s.exchange(http.MethodPost, path, tokens[client], typedLot(client, first+i), http.StatusCreated)
			})
			own[nth], waits[nth] = append(own[nth], rate(len(list), window)), append(waits[nth], list...)
			list = b.hammer(clients, window, func(client, i int) time.Duration { return b.insertRaw(raw, client, first+i) })
			yard[nth], rawWaits[nth] = append(yard[nth], rate(len(list), window)), append(rawWaits[nth], list...)
		}
	}
	for nth, clients := range enterers {
		ratioTarget, waitTarget := "", ""
		if clients == 32 {
			ratioTarget, waitTarget = "≥ 0.25", "p99 ≤ 30 ms"
		}
		b.line(fmt.Sprintf("%d writer(s)", clients), perSecond(median(own[nth]), "commits"), "INSERT "+perSecond(median(yard[nth]), "commits"),
			ratio(median(own[nth])/median(yard[nth])), ratioTarget)
		p50, p99, longest := percentiles(waits[nth])
		r50, r99, rawLongest := percentiles(rawWaits[nth])
		b.line("  p50 / p99 / longest wait", ms(p50)+" / "+ms(p99)+" / "+ms(longest), "INSERT "+ms(r50)+" / "+ms(r99)+" / "+ms(rawLongest), "", waitTarget)
	}
}

// typedLot is an invented lot as a client sends it.
func typedLot(client, i int) []byte {
	body, err := json.Marshal(auction.LotInput{
		LotNo: fmt.Sprintf("虚构录入-%03d-%08d", client, i), AssetName: "虚构商铺", Collective: fmt.Sprintf("虚构村%d经济联社", i%40),
		Kind: "shop", TradeKind: "lease", Method: "online_bidding", HammeredOn: "2021-03-05", BaseTotal: "120000", HammerTotal: "240000",
		Registrants: "3", Bidders: "3", Term: "36个月",
	})
	if err != nil {
		panic(err)
	}
	return body
}
