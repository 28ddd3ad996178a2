// Package auction is what is sold: lots with their listings, bases, hammers and premiums.
//
// What it promises, each with the test that holds it:
//
//   - A premium, a rate or a contract total that a paper states is never taken for the figure: it is kept as a
//     claim and compared (TestImport_ClaimsAreKeptAndCompared, TestPreview_Claims).
//   - A total is rounded once to the fen; a premium is the difference of two totals (TestImport_PricesOverTheTerm).
//   - What the paper says is recorded, also a hammer under the base; refused is what cannot be read or
//     contradicts its own row or the book (TestImport_RefusedAndNothingWritten).
//   - An import is all or nothing, and a file sent twice changes nothing (TestImport_Again).
//   - What is typed is read as a file is read, and all that is wrong is told at once, beside its field
//     (TestPreview_Faults).
//   - The form of a listing, sent back as it is, changes nothing; what a form cannot show stays
//     (TestLotInputOf_ChangesNothing, TestAmend_KeepsThePaper).
//   - Of two who amend what both saw one wins and the other is told (TestAmend_AtOnce); of many who record one
//     number one wins (TestRecord_OneNumberAtOnce).
//   - A lot outside the scope is not there: it is not found, listed, told of or changed (TestScope_OneByOne,
//     TestScope_Import, TestList_Scopes).
//   - A list that grows while it is paged through shows nothing twice and leaves nothing out
//     (TestList_GrowsMeanwhile).
package auction
