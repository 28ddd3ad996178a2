// Package intake is what importing lots and importing parcels have in common: reading the tables of a file
// row by row, holding its totals against its rows, saying what each column was taken for, turning
// names into persons of the book, and keeping files between the steps of an import. What a row means is the domain's business.
//
// What it promises, each with the test that holds it:
//
//   - Nothing is written while a file has a fault, unless the good rows are asked for
//     (auction: TestImport_RefusedAndNothingWritten, TestImport_GoodRows).
//   - Every bad cell is reported at once, by sheet, row and column (TestRead_Faults).
//   - A total row is compared and never becomes a record (TestRead_Totals).
//   - A file that waits between the steps of an import is its sender's alone, for one book and one day
//     (TestUploads_Mine, TestUploads_Five).
package intake
