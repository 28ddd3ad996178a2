// Package browser holds the stories that are told with a real browser: a
// headless Chromium against the real server over a database of the test's own.
// It has tests only; nothing imports it.
//
// A story is a test. It makes an office (a database, a server, people with
// rights), opens a page of some width and does what a person does: fill in a
// field by its label, press a button by its words, read what stands there.
// Nothing sleeps: a step waits for what it names, and fails by name when it
// does not come.
//
// Promises, for every page that a story opens, without being asked for:
//
//   - nothing is written to the browser's console as an error, no script fails
//     and the content security policy is never violated (TestPage_Hears);
//   - each document answers as the story expects, 200 when it says nothing.
//
// And for every page that a story looks at (page.look):
//
//   - axe-core finds nothing serious or critical (TestLook_Bites);
//   - the page cannot be pushed sideways (TestLook_Bites);
//   - a picture lies in testout/, by story, width and language.
package browser
