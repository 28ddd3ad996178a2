// Package ledger is the book and the exact types that everything else stands on.
//
// What it promises, each with the test that holds it:
//
//   - Money, prices, areas and rates are exact: what has too many decimals is refused on the way in,
//     and there is one rounding, by name, at the end (money_test.go, area_test.go, rate_test.go).
//   - An entry's bytes are made once, by Encode, and never again (encode_test.go: golden vectors).
//   - A change of state and its entry are committed together or not at all, and what was refused
//     leaves no trace (book_test.go).
//   - Check recomputes every hash and every derived row and names the first entry that does not fit
//     (check_test.go).
//   - Any entry is proved to be in any later checkpoint, and any checkpoint to be extended by any later one
//     (proof_test.go, cosigned_test.go); a proof file and a check code are of C2SP's form and of ours
//     (checkcode_test.go, ../web: TestProof_TransparencyDev).
//   - As of a checkpoint a book answers for ever what it answered then (book_test.go: TestBook_AsOf; ../web:
//     TestAsOf_EverythingAsItWas).
//   - A text is erased together with the entry that says so or not at all; no other text goes, no hash changes, and
//     check tells an erased text from a lost one (erasure_test.go).
//   - Every checkpoint is signed by the keys in force at its size, whichever process writes, and nothing is written
//     that contradicts what was published (keys_test.go).
//   - An export is of one snapshot, whole or public, and a book that does not hold together is not exported
//     (exported_test.go); what it holds is checked by code that is not ours (../cmd/mzverify).
//   - A book that is imported from its export has the original's root, and what does not fit is refused with its line
//     (book_import_test.go, book_import_broken_test.go).
package ledger
