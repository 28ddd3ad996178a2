package ledger

// Scope says which part of which book may be read. It has no zero value that reads: a scope that
// nobody made reads nothing and says so, instead of printing 0.
type Scope struct {
	book int64
	made bool
}

// WholeBook is the scope over all of a book.
func WholeBook(b *Book) Scope { return Scope{book: b.id, made: true} }

// BookID is the number of the book, the first part of every key; an unmade scope is refused.
func (s Scope) BookID() (int64, error) {
	if !s.made {
		return 0, E(Internal, "scope.unmade")
	}
	return s.book, nil
}
