package ledger

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"
)

// copyFrom is the number of rows from which COPY is faster than one INSERT; copyChunk is how many
// rows go into one COPY, so that their text stays small.
const (
	copyFrom  = 300
	copyChunk = 5_000
)

// column is a column of a row type that is stored.
type column struct {
	name  string
	index []int
}

var columnLists sync.Map // reflect.Type → []column; a cache, no state

func columnsOf(t reflect.Type) []column {
	if known, ok := columnLists.Load(t); ok {
		return known.([]column)
	}
	var list []column
	for _, f := range reflect.VisibleFields(t) {
		tag, ok := f.Tag.Lookup("bun")
		name, rest, _ := strings.Cut(tag, ",")
		if !ok || name == "" || strings.HasPrefix(tag, "table:") || strings.Contains(rest, "scanonly") {
			continue
		}
		list = append(list, column{name: name, index: f.Index})
	}
	columnLists.Store(t, list)
	return list
}

// columnText is a value as COPY's CSV and check's comparison write it; null is true for NULL.
func columnText(v reflect.Value) (text string, null bool) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", true
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), false
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16:
		return strconv.FormatInt(v.Int(), 10), false
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), false
	case reflect.Slice:
		if texts, ok := v.Interface().([]string); ok {
			return arrayText(texts), false
		}
		return `\x` + hex.EncodeToString(v.Bytes()), false // bytea
	}
	b, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		panic(err) // a column type that cannot print itself: ours, found by the first test
	}
	return string(b), false
}

// arrayText is a text[] as PostgreSQL reads it.
func arrayText(texts []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, text := range texts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(arrayEscapes.Replace(text))
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// insert writes rows of one type: a multi-row INSERT when they are few, COPY when they are many.
// rows is a []*R.
func insert(ctx context.Context, conn bun.Conn, table string, rows reflect.Value) error {
	switch n := rows.Len(); {
	case n == 0:
		return nil
	case n < copyFrom:
		pointer := reflect.New(rows.Type())
		pointer.Elem().Set(rows)
		if _, err := conn.NewInsert().Model(pointer.Interface()).Exec(ctx); err != nil {
			return fmt.Errorf("ledger: writing %s: %w", table, err)
		}
		return nil
	}
	columns := columnsOf(rows.Type().Elem().Elem())
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	query := fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT csv)", table, strings.Join(names, ", "))
	var text bytes.Buffer
	for start := 0; start < rows.Len(); start += copyChunk {
		text.Reset()
		for i := start; i < min(start+copyChunk, rows.Len()); i++ {
			csvLine(&text, rows.Index(i).Elem(), columns)
		}
		if _, err := pgdriver.CopyFrom(ctx, conn, bytes.NewReader(text.Bytes()), query); err != nil {
			discard(conn) // it may still be in COPY mode
			return fmt.Errorf("ledger: copying into %s: %w", table, err)
		}
	}
	return nil
}

// discard takes a connection out of the pool whose state nobody knows. That it answers "bad connection"
// is the point.
func discard(conn bun.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// csvLine writes a row as CSV: every value quoted, NULL as nothing between the commas.
func csvLine(b *bytes.Buffer, row reflect.Value, columns []column) {
	for i, c := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		value := row.FieldByIndex(c.index)
		if value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Uint8 { // bytea: the bodies of entries, which need no text of their own
			b.WriteString(`"\x`)
			b.Write(hex.AppendEncode(b.AvailableBuffer(), value.Bytes()))
			b.WriteByte('"')
			continue
		}
		text, null := columnText(value)
		if null {
			continue
		}
		b.WriteByte('"')
		if strings.Contains(text, `"`) {
			text = strings.ReplaceAll(text, `"`, `""`)
		}
		b.WriteString(text)
		b.WriteByte('"')
	}
	b.WriteByte('\n')
}

// Broke tells the name of the constraint that the database says was violated; "" when the error is
// of another kind. The program maps names to reasons.
func Broke(err error) string {
	if pg, ok := errors.AsType[pgdriver.Error](err); ok && pg.IntegrityViolation() {
		return pg.Field('n')
	}
	return ""
}

// Difference is a column in which two rows of one table are not alike.
type Difference struct{ Column, Old, New string }

// Diff compares what two rows of one type say, without their keys.
func Diff(old, changed Row) []Difference {
	a, b := reflect.ValueOf(old).Elem(), reflect.ValueOf(changed).Elem()
	var list []Difference
	for _, c := range columnsOf(a.Type()) {
		switch c.name {
		case "book_id", "id", "seq_from", "seq_to":
			continue
		}
		oldText, oldNull := columnText(a.FieldByIndex(c.index))
		newText, newNull := columnText(b.FieldByIndex(c.index))
		if oldText != newText || oldNull != newNull {
			list = append(list, Difference{c.name, oldText, newText})
		}
	}
	return list
}
