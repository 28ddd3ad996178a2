// Package kind is the kinds of assets, as data: one file a group of kinds. A new kind is one line here and
// nothing anywhere else; its code is never renamed, because entries hold it.
//
// What it promises: codes and names are unique, and every alias leads to one kind (kind_test.go).
package kind
