// Package landcheck is what the land is: parcels with owner, tenure and category, and verifications of their
// area on the spot. It never asks what is sold.
//
// What it promises, each with the test that holds it:
//
//   - An area is exact to half a square millimetre, whatever unit the paper has (TestImport_Units).
//   - Floor area is kept apart from land and never summed with it (TestFloorArea).
//   - What the paper says is recorded, also a code that does not fit the book's division; refused is what
//     cannot be read or contradicts its own row or the book (TestImport_Refusals).
//   - A name of a person, and words of the paper that may name one, stand sealed in an entry: a holder is in clear
//     only where it is recognisably an organisation (TestImport_PersonsAreSealed, TestIsOrganisation).
//   - An import is all or nothing, and a file sent twice changes nothing (TestImport_AmendAndAgain).
//   - A parcel counts once in a period, by its latest verification (TestVerifiedIn).
//   - A form is read by the rules of a row of a file, and every fault of it is told at once
//     (TestRecordParcel_EveryFault).
//   - What lies outside of a scope is as if it were not there, for readers, forms and imports; only that a number is
//     taken is said (TestScope_Writes, TestScope_Import, TestLists_Scopes).
//   - Of two who change what they saw, one wins (TestParcels_AtOnce, TestAmendVerification_AtOnce).
package landcheck
