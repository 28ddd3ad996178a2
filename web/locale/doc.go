// Package locale has the sentences that users read: one for every reason of a ledger.Error, and the words
// for the codes that imports print, in Chinese and in English. They stand in zh.json and en.json, flat and
// sorted, under "error.<reason>", "column.<key>", "note.<code>", "ignored.<why>", "skipped.<why>" and
// "fit.<basis>". A sentence has Go's verbs in the order of the arguments that ledger.E gets.
//
// What it promises, each with the test that holds it:
//
//   - Both languages have the same keys with the same verbs (TestLanguages_Agree).
//   - Every reason in the program has its sentence with all its arguments, and no sentence is left over
//     (tidy_sentences_test.go in the root).
//   - No sentence shows a formatting mistake, whatever arguments it gets (TestSentence_Arguments).
//   - What is not known is said all the same: with the reason, or the code itself (TestSay, TestWord).
package locale
