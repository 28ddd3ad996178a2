// Package auction is what is sold: lots with their listings, bases, hammers and premiums.
//
// What it promises, each with the test that holds it:
//
//   - A premium, a rate or a contract total that a paper states is never taken for the figure: it is kept as a
//     claim and compared (TestImport_ClaimsAreKeptAndCompared).
//   - A total is rounded once to the fen; a premium is the difference of two totals (TestImport_PricesOverTheTerm).
//   - What the paper says is recorded, also a hammer under the base; refused is what cannot be read or
//     contradicts its own row or the book (TestImport_RefusedAndNothingWritten).
//   - An import is all or nothing, and a file sent twice changes nothing (TestImport_Again).
package auction
