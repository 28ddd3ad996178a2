// Package landcheck is what the land is: parcels with owner, tenure and category, and verifications of their
// area on the spot. It never asks what is sold.
//
// What it promises, each with the test that holds it:
//
//   - An area is exact to half a square millimetre, whatever unit the paper has (TestImport_Units).
//   - Floor area is kept apart from land and never summed with it (TestFloorArea).
//   - What the paper says is recorded, also a code that does not fit the book's division; refused is what
//     cannot be read or contradicts its own row or the book (TestImport_Refusals).
//   - An import is all or nothing, and a file sent twice changes nothing (TestImport_AmendAndAgain).
//   - A parcel counts once in a period, by its latest verification (TestVerifiedIn).
package landcheck
