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
//   - Every checkpoint is signed by the keys in force at its size, whichever process writes, and nothing is written
//     that contradicts what was published (keys_test.go).
//   - A book that is imported from its export has the original's root, and what does not fit is refused with its line
//     (book_import_test.go, book_import_broken_test.go).
package ledger
