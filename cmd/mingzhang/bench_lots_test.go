//go:build bench

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"bytes"

	"mingzhang/auction"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// register is a register of invented lots, as an office has it: 20 columns, prices per square metre and month,
// a stated contract total, a remark here and there, every twelfth lot unsold.
type register struct {
	rows [][]any
	csv  []byte
}

func registerHeader() []any {
	return []any{
		"交易编号", "项目编号", "资产名称", "村集体", "资产类别", "交易类别", "交易方式", "底价单价(元/㎡·月)", "成交单价(元/㎡·月)", "面积(㎡)",
		"租期", "合同起", "合同总标的(元)", "结果", "成交日期", "竞得人", "报名人数", "出价人数", "保证金(元)", "备注",
	}
}

// newRegister invents n lots, the same ones each time.
func newRegister(n int) *register {
	random := rand.New(rand.NewPCG(20210630, 37)) //nolint:gosec // invented data, the same each time
	kinds := []string{"商铺", "厂房", "鱼塘", "仓库", "宅基地", "农用地"}
	methods := []string{"网上竞投", "现场竞价", "公开协商", "定价招租"}
	first := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	r := &register{rows: [][]any{registerHeader()}}
	for i := range n {
		day := first.AddDate(0, 0, random.IntN(3*365))
		months := 12 * (1 + random.IntN(10))
		quantity := 20 + random.IntN(3000)
		base := 150 + random.IntN(4000) // fen per square metre and month
		hammer := base + random.IntN(2000)
		collective := random.IntN(40)
		row := []any{
			fmt.Sprintf("虚构交〔%d〕%06d号", day.Year(), i+1), fmt.Sprintf("村%02d-%06d", collective, i+1),
			fmt.Sprintf("虚构第%d号%s", i+1, kinds[i%6]), fmt.Sprintf("虚构村%d经济联社", collective+1), kinds[i%6], "出租", methods[random.IntN(4)],
			fen(base), fen(hammer), float64(quantity), fmt.Sprintf("%d个月", months), day.AddDate(0, 1, 0).Format(time.DateOnly),
			fen(hammer * quantity * months), "成交", day.Format(time.DateOnly), fmt.Sprintf("虚构人%d", random.IntN(3000)),
			float64(1 + random.IntN(9)), float64(1 + random.IntN(5)), float64(1000 * (1 + random.IntN(50))), nil,
		}
		if i%20 == 0 {
			row[19] = fmt.Sprintf("虚构备注%d", i)
		}
		if i%12 == 5 {
			row[8], row[12], row[13], row[15] = nil, nil, "流拍", nil
		}
		r.rows = append(r.rows, row)
	}
	var text strings.Builder
	for _, row := range r.rows {
		for j, v := range row {
			if j > 0 {
				text.WriteByte(',')
			}
			if v != nil {
				fmt.Fprint(&text, v)
			}
		}
		text.WriteByte('\n')
	}
	r.csv = []byte(text.String())
	return r
}

// fen is an amount of fen in yuan, as a cell and a .csv hold it.
func fen(n int) amountCell { return amountCell(n) }

type amountCell int

func (a amountCell) String() string { return fmt.Sprintf("%d.%02d", int(a)/100, int(a)%100) }

// xlsx writes the register as a workbook by the library, with numbers as numbers.
func (b *bench) xlsx(r *register, name string) string {
	b.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	for i, row := range r.rows {
		cells := make([]any, len(row))
		for j, v := range row {
			cells[j] = v
			if a, ok := v.(amountCell); ok {
				cells[j] = float64(a) / 100
			}
		}
		b.must(nil, w.SetRow(fmt.Sprintf("A%d", i+1), cells))
	}
	b.must(nil, w.Flush())
	path := filepath.Join(b.data, name)
	b.must(nil, f.SaveAs(path))
	return path
}

// readByLibrary reads all cells of a workbook by the library alone, and counts the rows.
func (b *bench) readByLibrary(path string) int {
	b.Helper()
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := f.Rows("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		b.must(rows.Columns(excelize.Options{RawCellValue: true}))
	}
	return n
}

// source is a .csv in memory.
func (b *bench) source(csv []byte) intake.Source {
	b.Helper()
	file, err := sheet.Open("bench.csv", bytes.NewReader(csv), int64(len(csv)), sheet.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256(csv)
	return intake.Source{Name: "bench.csv", SHA256: hex.EncodeToString(sum[:]), File: file}
}

// readOnly reads the rows of a source and does nothing with them.
func (b *bench) readOnly(source intake.Source) int {
	b.Helper()
	tables, err := source.File.Tables(auction.Schema(), sheet.Options{})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, t := range tables {
		for _, err := range t.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	return n
}
