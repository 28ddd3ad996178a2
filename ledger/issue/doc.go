// Package issue keeps which reports an office has signed and given out. It knows entry numbers, days and figures as
// text, and no domain: ledger/report makes what is issued.
//
// What it promises, each with the test that holds it:
//
//   - What was issued is an entry: name, version, parameters, checkpoint, the output's SHA-256 and its figures, and
//     nothing that names a person (ledger/report: TestIssue_Keeps).
//   - A period that was issued is closed: a record that comes into the book afterwards with a day of that period is
//     late, for ever (ledger/report: TestIssue_Late).
//   - A record knows the issued reports that it is in (ledger/report: TestIssue_Since).
package issue
