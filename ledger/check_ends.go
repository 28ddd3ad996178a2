package ledger

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// finish looks at what no single chunk can see: entries without a checkpoint, rows beyond the head, and
// versions that do not end where the next begins.
func (c *checker) finish(ctx context.Context) error {
	var newest int64
	err := c.db.NewRaw("SELECT coalesce(max(size), 0) FROM checkpoints WHERE book_id = ?", c.book.id).Scan(ctx, &newest)
	switch {
	case err != nil:
		return fmt.Errorf("ledger: reading the newest checkpoint of %s: %w", c.book.Code, err)
	case newest == 0:
		c.fault(0, "checkpoints", Text{ZH: "有一个", EN: "one"}, Text{ZH: "没有", EN: "none"})
	case c.abandoned:
	case newest > c.result.Entries:
		c.fault(c.result.Entries, "entries", Text{ZH: fmt.Sprintf("%d(见凭证 %d)", newest, newest), EN: fmt.Sprintf("%d, as checkpoint %d says", newest, newest)}, fmt.Sprint(c.result.Entries))
	}
	if newest > 0 && c.result.Head.Size != c.result.Entries && !c.abandoned {
		c.faultWithin(c.result.Head.Size, c.result.Entries, "checkpoints", checkpointOf(c.result.Entries), Text{ZH: "没有", EN: "none"})
	}
	for _, k := range c.book.store.kinds {
		if k.Table != nil {
			if err := c.compareEnds(ctx, k.Table.Name, "id"); err != nil {
				return err
			}
		}
		if k.Rollup != nil {
			if err := c.compareEnds(ctx, k.Rollup.Table.Name, "grain"); err != nil {
				return err
			}
		}
	}
	if c.abandoned {
		return nil
	}
	c.namedNothing()
	if err := c.compareBeyond(ctx); err != nil {
		return err
	}
	if err := c.compareRegister(ctx); err != nil {
		return err
	}
	return c.compareKeys(ctx)
}

// compareBeyond finds tiles and sealed texts of entries that there are not.
func (c *checker) compareBeyond(ctx context.Context) error {
	var beyond []struct {
		Seq  int64  `bun:"seq"`
		What string `bun:"what"`
	}
	// A level above the sixth has no full tile before 2^63 entries.
	err := c.db.NewRaw("(SELECT seq, 'sealed.' || field AS what FROM sealed WHERE book_id = ?0 AND (seq < 0 OR seq >= ?1) LIMIT ?2) "+
		"UNION ALL (SELECT ?1, 'tiles' FROM tiles WHERE book_id = ?0 AND "+
		"(level NOT BETWEEN 0 AND 6 OR index < 0 OR index >= (?1::bigint >> (8 * (level + 1)))) LIMIT ?2)",
		c.book.id, c.result.Entries, faultsMax).Scan(ctx, &beyond)
	if err != nil {
		return fmt.Errorf("ledger: looking beyond the entries of %s: %w", c.book.Code, err)
	}
	for _, b := range beyond {
		c.fault(b.Seq, b.What, Text{ZH: "没有", EN: "nothing"}, Text{ZH: "没有条目对应的行", EN: "a row that no entry made"})
	}
	return nil
}

// compareEnds finds versions that do not end where the next one of their record begins, and rows that
// begin beyond the entries.
func (c *checker) compareEnds(ctx context.Context, table, key string) error {
	var wrong []struct {
		SeqFrom int64  `bun:"seq_from"`
		SeqTo   *int64 `bun:"seq_to"`
		Next    *int64 `bun:"next"`
	}
	err := c.db.NewRaw("SELECT seq_from, seq_to, next FROM (SELECT seq_from, seq_to, "+
		"lead(seq_from) OVER (PARTITION BY ? ORDER BY seq_from) AS next FROM ? WHERE book_id = ?) AS versions "+
		"WHERE seq_to IS DISTINCT FROM next OR seq_from < 0 OR seq_from >= ? ORDER BY seq_from LIMIT ?",
		bun.Ident(key), bun.Ident(table), c.book.id, c.result.Entries, faultsMax).Scan(ctx, &wrong)
	if err != nil {
		return fmt.Errorf("ledger: comparing versions in %s: %w", table, err)
	}
	for _, w := range wrong {
		want, got := inBoth(columnTextOf(w.Next)), inBoth(columnTextOf(w.SeqTo))
		if w.SeqFrom < 0 || w.SeqFrom >= c.result.Entries {
			want, got = Text{ZH: "没有这一行", EN: "no row"}, Text{ZH: "没有条目对应的行", EN: "a row that no entry made"}
		}
		c.fault(w.SeqFrom, table+".seq_to", want, got)
	}
	return nil
}

func columnTextOf(v *int64) string {
	if v == nil {
		return "NULL"
	}
	return fmt.Sprint(*v)
}

// compareKeys finds idempotency keys that answer with entries that are not there, not of one commit, not
// their actor's, or another key's. The key and the body's hash stand in no entry.
func (c *checker) compareKeys(ctx context.Context) error {
	var wrong []keyRow
	err := c.db.NewRaw("SELECT k.seq_first, k.seq_last, k.actor FROM (SELECT *, lag(seq_last) OVER (ORDER BY seq_first, seq_last) AS before, "+
		"(SELECT min(size) FROM checkpoints AS p WHERE p.book_id = i.book_id AND p.size > i.seq_first) AS began, "+
		"(SELECT min(size) FROM checkpoints AS p WHERE p.book_id = i.book_id AND p.size > i.seq_last) AS ended, "+
		`convert_to('{"v":1,"actor":' || to_json(actor)::text || ',', 'UTF8') AS opening `+
		"FROM idempotency AS i WHERE book_id = ?0) AS k LEFT JOIN entries AS e ON e.book_id = ?0 AND e.seq = k.seq_first "+
		"WHERE k.seq_first < 0 OR k.seq_last < k.seq_first OR k.seq_last >= ?1 OR k.before >= k.seq_first OR k.began IS DISTINCT FROM k.ended "+
		"OR substring(e.body FOR octet_length(k.opening)) IS DISTINCT FROM k.opening ORDER BY k.seq_first LIMIT ?2",
		c.book.id, c.result.Entries, faultsMax).Scan(ctx, &wrong)
	if err != nil {
		return fmt.Errorf("ledger: comparing idempotency keys: %w", err)
	}
	for _, w := range wrong {
		c.fault(w.SeqFirst, "idempotency", Text{ZH: "同一操作人一次操作的条目", EN: "entries of one command of its actor"}, fmt.Sprintf("%d–%d (%s)", w.SeqFirst, w.SeqLast, w.Actor))
	}
	return nil
}
