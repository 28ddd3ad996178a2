// Package report is the audit reports, one small set of files each. It reads trades and land and writes nothing.
//
// What it promises, each with the test that holds it:
//
//   - A report's kept sums equal a recomputation from the rows (TestSummary_SumsEqualRows).
//   - As of a checkpoint it gives the same figures for ever (TestSummary_AsOf).
//   - It prints its basis, definitions, as-of entry and root with the figures (TestSummary_Golden).
//   - The sentence that it proposes for publication is judged consistent (TestSummary_SentenceIsConsistent).
package report
