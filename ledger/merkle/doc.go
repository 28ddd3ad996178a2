// Package merkle is the tree over a book's entries: RFC 6962 hashes in tiles of 256, and the signed
// checkpoint that names a size and a root. Bytes in, bytes out; it knows no database and no entry.
//
// What it promises, each with the test that holds it:
//
//   - The root of any size is the RFC 6962 root (tree_test.go compares with golang.org/x/mod/sumdb/tlog).
//   - A checkpoint is a C2SP tlog-checkpoint in a signed note (checkpoint_test.go).
//   - A tree rebuilt from full tiles and the last leaves is the tree that was grown (TestResume).
//   - Proofs made from tiles are those of RFC 6962, as another implementation makes them (TestProve).
//   - A cosignature is one that another implementation of C2SP tlog-cosignature takes, and a changed one is refused
//     (TestCosign).
//   - A proof file is a C2SP tlog-proof, read strictly: what was read is written again byte for byte (TestProofFile,
//     FuzzParseProofFile).
package merkle
