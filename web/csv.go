package web

import (
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"unicode/utf8"

	"mingzhang/ledger"
)

// sendCSV answers with a table for Excel: UTF-8 with a byte order mark, and no cell that a spreadsheet would take
// for a formula. page gives rows until it gives none. An error before the first row is a refusal; one later cuts
// the connection, so that nobody takes a part for the whole.
func (s *Server) sendCSV(w http.ResponseWriter, r *request, name string, header []string, page func(context.Context) ([][]string, error)) {
	rows, err := page(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	l := newLines(w)
	defer l.stop()
	_, err = io.WriteString(w, "\ufeff")
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err == nil {
		err = c.Write(header)
	}
	for err == nil && len(rows) > 0 {
		for _, row := range rows {
			if err = c.Write(safeCells(row)); err != nil {
				break
			}
		}
		if c.Flush(); err == nil {
			err = c.Error()
		}
		l.stall.Reset(streamStall)
		if err == nil {
			rows, err = page(r.Context())
		}
	}
	if c.Flush(); err == nil {
		err = c.Error()
	}
	if err != nil {
		s.metrics.refused(ledger.CodeOf(err))
		s.log.ErrorContext(r.Context(), "web: a download was cut", slog.String("request_id", r.id), slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
}

// safeCells keeps spreadsheets from running what somebody typed: an apostrophe before a cell that begins like a
// formula makes it text. A plain number stays one.
func safeCells(row []string) []string {
	safe := make([]string, len(row))
	for i, cell := range row {
		safe[i] = safeCell(cell)
	}
	return safe
}

func safeCell(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) || isPlainNumber(cell) { // Chinese Excel takes the wide ones, too
		return cell
	}
	return "'" + cell
}

// isPlainNumber holds for digits with a sign and a point.
func isPlainNumber(cell string) bool {
	digits := strings.TrimLeft(cell, "+-")
	return len(cell)-len(digits) <= 1 && digits != "" && strings.Trim(digits, "0123456789.,") == ""
}
