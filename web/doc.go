// Package web is everything that speaks HTTP. For now that is one page: the half-year report of a book and the
// judgement of a published sentence, in Chinese and English, without script.
//
// What it promises, each with the test that holds it:
//
//   - Until accounts exist only this machine is answered: loopback addresses, and requests that name such a
//     host (TestServer_OnlyLoopback).
//   - A wrong book, period or text is answered with its sentence beside the form, which keeps what was typed
//     (TestPage_KeepsWhatWasTyped).
//   - No page carries script, and the headers say so (TestPage_Headers).
package web
