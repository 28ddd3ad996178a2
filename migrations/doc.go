// Package migrations is the schema, forward only: one change a file, each in its own transaction, never
// edited once it is on main. It imports nothing of ours.
//
// What it promises, each with the test that holds it:
//
//   - Apply brings any earlier schema to the newest, once, however many start it at the same moment
//     (TestApply_Twice, TestApply_Together).
//   - A migration that fails leaves no half of itself and is tried again next time (TestApply_Broken).
//   - The writer can append and end versions, and nothing else (TestRights_Writer).
package migrations
