// Package report is the audit reports, one small set of files each. It reads trades and land and writes nothing.
//
// What it promises, each with the test that holds it:
//
//   - A report's kept sums equal a recomputation from the rows (TestSummary_SumsEqualRows).
//   - As of a checkpoint it gives the same figures for ever (TestSummary_AsOf; TestSummary_FrozenBook: a book written
//     once, byte for byte).
//   - What is issued is kept with its figures and its SHA-256, and prints again as it was (TestIssue_Keeps); what touches
//     it since is listed with the difference (TestIssue_Since).
//   - It prints its basis, definitions, as-of entry and root with the figures (TestSummary_Golden).
//   - The sentence that it proposes for publication is judged consistent (TestSummary_SentenceIsConsistent).
package report
