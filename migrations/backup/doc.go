// Package backup writes a database, the files beside it and its keys into files, and reads them back.
//
// What it promises, each with the test that holds it:
//
//   - The file is there whole or not at all: it is written under another name, fsynced, and renamed at the end
//     (TestWrite_LeavesNothing, TestWrite_Full, TestStory_BackupKilled in cmd/mingzhang).
//   - Every byte of it is covered: one that is changed, missing or too many is found without restoring
//     (TestCheck_EveryByte).
//   - Keys are never in it. They lie in a second file, encrypted under a passphrase (TestKeys).
//   - The dump and what the manifest says of the books are of one snapshot (TestStory_Backup in cmd/mingzhang).
package backup
