package sheet

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/xuri/excelize/v2"
)

// benchBook has rows × 20 columns, eight of them numbers, as the library itself writes them.
func benchBook(tb testing.TB, rows int) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	header := []any{"交易编号", "资产名称", "村集体", "底价", "成交价", "面积", "溢价率", "报名人数", "成交日期", "备注"}
	for i := range 10 {
		header = append(header, fmt.Sprintf("其他%d", i))
	}
	for i := range rows + 1 {
		values := header
		if i > 0 {
			values = []any{fmt.Sprintf("A-%06d", i), fmt.Sprintf("第%d号商铺（虚构）", i), "黄岗经济联社", 861.65 + float64(i), 900.5 + float64(i), 12.345, 0.0451, i % 9, "2021-03-05", ""}
			for j := range 10 {
				if j < 3 {
					values = append(values, float64(i)*1.1)
				} else {
					values = append(values, fmt.Sprintf("文字%d-%d", j, i%1000))
				}
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), values); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	var buf bytes.Buffer
	if _, err := f.WriteTo(&buf); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkRead reads 100,000 rows × 20 columns; BenchmarkLibraryRows is the yardstick of design 10.
func BenchmarkRead(b *testing.B) {
	content := benchBook(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for r, err := range oneTable(b, content, Options{}).Rows() {
			if err != nil {
				b.Fatal(err)
			}
			if d, err := r.Cell("base_total").Number(); err != nil || d.IsZero() {
				b.Fatal(err)
			}
			n++
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapSys)/(1<<20), "MiB-heap")
}

func BenchmarkLibraryRows(b *testing.B) {
	content := benchBook(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true})
		if err != nil {
			b.Fatal(err)
		}
		rows, err := f.Rows("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			if _, err := rows.Columns(excelize.Options{RawCellValue: true}); err != nil {
				b.Fatal(err)
			}
		}
		f.Close()
	}
}

// BenchmarkFormattedEmptyRows reads a sheet that was formatted down to its last row.
func BenchmarkFormattedEmptyRows(b *testing.B) {
	content := emptyRows(b, sheetRowLast)
	for b.Loop() {
		if rows := allRows(b, oneTable(b, content, Options{})); len(rows) != 1 {
			b.Fatal(len(rows))
		}
	}
}
