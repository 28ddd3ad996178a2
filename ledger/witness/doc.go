// Package witness is the protocol between a log and its witness (C2SP tlog-witness), both sides of it, without a
// network and without files: parse what a log sends, decide, cosign; and what a book sends, and makes of the answer.
//
// What it promises, each with the test that holds it:
//
//   - Each answer is the one that the specification names (TestWitness_Answers), and requests are read as strictly as
//     it says (TestParseRequest).
//   - A cosignature is given only after the store has kept the checkpoint, and never for a tree that does not extend
//     the last one, however many ask at once (TestWitness_Concurrent, TestWitness_KeepsFirst).
//   - Another tree of the same size, signed by the log, is kept as a proof of a fork. A shorter tree and a proof that
//     does not fit are suspicions: anybody may send old checkpoints. They are settled when the log goes on
//     consistently (TestWitness_Alarms).
package witness
