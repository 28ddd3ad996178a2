// Package sheet reads real office spreadsheets: .xlsx and .csv files with captions above the table,
// headers on two or three rows, merged cells, formulas, hidden rows, totals and signatures below.
//
// It knows no domain. Which columns exist, and by which names, comes in as a Schema; what comes out
// is one Table per visible sheet with a known header, and from it a stream of rows whose cells keep
// both what stands in the file and what the reader of the screen sees.
//
// Promises, each held by a test of the same subject:
//   - A file is recognised by its bytes, never by its name; what cannot be read is refused with the
//     one remedy (save as .xlsx).
//   - Nothing is guessed in silence: unknown columns, hidden rows and sheets, ignored rows and the
//     units found are all listed.
//   - No data row is lost: a row is data, a total, or in Table.Ignored with the reason.
//   - A number is what Excel shows with 15 digits (861.64999999999998 is 861.65); longer ones are refused.
//   - Every bad cell is reported with sheet, row, column, header, the stored and the shown value.
//   - Memory is flat: rows are streamed, and every size has a limit (Limits).
//
// Parts of the .xlsx package are read by a small reader of our own: the library's row iterator gives
// neither cell types nor styles, formulas, merges or hidden rows while streaming. The library is used
// for writing the file of rejected rows, and in the tests as an independent reader.
package sheet
