// Package web is everything that speaks HTTP. For now that is one page: the half-year report of a book and the
// judgement of a published sentence, in Chinese and English, without script.
//
// What it promises, each with the test that holds it:
//
//   - Until accounts exist only this machine is answered: loopback addresses, and requests that name such a
//     host (TestServer_OnlyLoopback).
//   - A post from another site, and a body over the limit, change nothing and are told so
//     (TestServer_RefusesPostsFromOtherSites, TestServer_Bodies).
//   - A wrong book, period or text is answered with its sentence beside the form, which keeps what was typed
//     (TestPage_KeepsWhatWasTyped).
//   - What people type comes out as text (TestPage_Escapes).
//   - No page carries script or style of its own, and the headers say so (TestPage_NoScriptNoInlineStyle,
//     TestPage_Headers).
//   - Told to stop, the server answers the requests under way first (TestServer_StopsGracefully).
package web
