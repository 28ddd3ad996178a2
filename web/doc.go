// Package web is everything that speaks HTTP: pages in Chinese and English that need no script, and the API under
// /api/v1. One routing table says of each address what it needs; handlers decode and encode, the rules are those
// of the services.
//
// What it promises, each with the test that holds it:
//
//   - Each role gets to what its abilities say and is refused everywhere else; a foreign book and a record of a
//     foreign village are not there (TestWalk_Roles, TestWalk_ForeignBook, TestWalk_ForeignVillage); without a
//     session there is nothing but what is public (TestWalk_Nobody). The tests walk the table itself.
//   - What was typed is kept: beside the sentence that says what is wrong (TestPage_KeepsWhatWasTyped), and over a
//     session that ended meanwhile (TestKeep, TestUpload).
//   - JSON is read strictly and within bounds, and all faults are told at once with their places
//     (TestJSON_Strict, TestJSON_AllFaults, TestBody_Bounds).
//   - The API's document is made from the table and the types; every answer that any test gets is held against it
//     (TestOpenAPI_IsTheTable, contract in conform_test.go).
//   - An import is looked over before it is recorded, is recorded once however often its form is sent, and lets
//     nobody wait before an empty page (TestImport_Wizard, TestImport_FaultsAndRejects, TestImport_Waits,
//     TestImportRuns_Turns).
//   - A retry is harmless, a stale change is refused, a stream that was cut is seen to be cut
//     (TestAPI_IdempotencyKey, TestAPI_ETag, TestAPI_Stream).
//   - Without TLS or a named proxy only this machine is answered, by its own names; only a named proxy is believed
//     (TestServer_OnlyLoopback, TestListen, TestNetwork_Client, TestNetwork_Hosts, TestServer_TLS).
//   - A post from another site changes nothing, and nobody is led to another site
//     (TestServer_RefusesPostsFromOtherSites, TestSignIn_NextStaysHere).
//   - What people type comes out as text, no page carries script or style of its own, and the headers say so
//     (TestPage_Escapes, TestPage_NoScriptNoInlineStyle, TestHeaders, TestHeaders_WithTLS).
//   - Nothing of the program's inside comes out (TestAPI_NothingInternalComesOut), and the log has no names
//     (TestLog_OneLineARequest).
//   - A log client that is not ours follows a book over HTTP: signatures, inclusion, consistency, entries
//     (TestLog_TransparencyDev); without disclosure or a right there is no such log (TestLog_Addresses).
//   - Every read of a book as of a checkpoint answers byte for byte what it answered then, its pages say so, and the
//     past takes no writes (TestAsOf_EverythingAsItWas, TestAsOf_Pages).
//   - A leader issues a report, and what has touched it since is listed (TestReports_Issue, TestReports_API).
//   - An erased text comes out nowhere (TestErasure_Everywhere).
//   - The whole book is exported for a right to it, the public part to everybody once disclosure is on (TestExportZip).
//   - Only a leader switches disclosure (TestDisclosure); a certificate shows a QR code only of what strangers find
//     (TestCertificate).
//   - A new checkpoint goes to every witness, and what they saw and said stands on the page (TestPusher, TestWitnessDesk).
//   - Who has to hear that backups are missing does (TestBackups_Warning).
//   - Strangers find a result by its check code while it is published and never a name; whatever else they ask, the
//     answer is one page (TestLookup).
//   - Told to stop, the server says so to who asks and answers the requests under way first (TestHealth,
//     TestServer_StopsGracefully).
package web
