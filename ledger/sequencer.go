package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/ledger/merkle"
)

// groupMax is the most commands that one transaction decides; tries are more than a pool has connections,
// all of which a restart of the server breaks; commitTimeout bounds a transaction, a large
// import among them; settleTimeout is how long an unknown outcome is asked after.
const (
	groupMax      = 200
	keyBytesMax   = 200 // of an idempotency key
	tries         = 12
	commitTimeout = 3 * time.Minute
	settleTimeout = 30 * time.Second
)

// sequencer puts the commands of one book in order. Whoever finds it idle starts its leader, which takes all
// that wait, decides them as a group in one transaction, and goes on until nobody waits.
type sequencer struct {
	mu       sync.Mutex
	waiting  []*pending
	leading  bool
	stopping bool // nobody is let in any more

	committing sync.Mutex     // held for a transaction; guards the three below
	tree       *merkle.Tree   // the tree at the last commit seen; used only if size and root match
	signer     *merkle.Signer // of the identity; used only while it is in force
	signs      identity
	opened     string        // of which book: a number can come again after a drop
	patience   time.Duration // how long settle asks; 0: settleTimeout
}

type pending struct {
	book    *Book // a dropped book and the one that has its number now share a sequencer
	command Command
	receipt Receipt
	err     error
	done    chan struct{}

	deferred bool // it reads what another of its group writes, and waits for the next
}

func (s *Store) sequencer(book int64) *sequencer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sequencers[book] == nil {
		s.sequencers[book] = &sequencer{stopping: s.stopping}
	}
	return s.sequencers[book]
}

// Do gives a command to the book's sequencer and waits for its answer. When it returns without an error
// the entries are durable. A refusal leaves no trace in the book. After Stop it is busy book.stopping.
func (b *Book) Do(ctx context.Context, c Command) (Receipt, error) {
	p := &pending{book: b, command: c, done: make(chan struct{})}
	s := b.store.sequencer(b.id)
	lead, err := s.enter(p, &b.store.leaders)
	if err != nil {
		return Receipt{}, err
	}
	if lead { // not in the caller's own time: others may go on coming
		go func() {
			defer b.store.leaders.Done()
			s.lead(context.WithoutCancel(ctx))
		}()
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		if s.forget(p) {
			return Receipt{}, E(Busy, "book.gave_up").Because(ctx.Err())
		}
		<-p.done // its commit is under way: only the answer tells what became of it
	}
	return p.receipt, p.err
}

// enter puts a command among those that wait. Whoever is told to lead is counted among the leaders.
func (s *sequencer) enter(p *pending, leaders *sync.WaitGroup) (lead bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false, E(Busy, "book.stopping")
	}
	s.waiting = append(s.waiting, p)
	if lead = !s.leading; lead {
		leaders.Add(1)
	}
	s.leading = true
	return lead, nil
}

// forget takes a command back that nobody has taken up yet.
func (s *sequencer) forget(p *pending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.waiting, p)
	if i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	}
	return i >= 0
}

func (s *sequencer) lead(ctx context.Context) {
	for {
		group := s.next()
		if len(group) == 0 {
			return
		}
		group[0].book.commitGroup(ctx, group)
		s.answer(group)
	}
}

// answer tells each member what became of it; those that read what another wrote wait again, first.
func (s *sequencer) answer(group []*pending) {
	var again []*pending
	for _, p := range group {
		if p.deferred && p.err == nil {
			again = append(again, p)
		} else {
			close(p.done)
		}
	}
	if len(again) > 0 {
		s.mu.Lock()
		s.waiting = append(again, s.waiting...)
		s.mu.Unlock()
	}
}

// next takes the commands of the next group, all of one book; with none the leader's work is done.
func (s *sequencer) next() []*pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < min(len(s.waiting), groupMax) && s.waiting[n].book.opened == s.waiting[0].book.opened {
		n++
	}
	group := s.waiting[:n]
	s.waiting = s.waiting[n:]
	s.leading = n > 0
	return group
}

// commitGroup commits a group; on an unexpected error each member is tried alone, so that one cannot
// spoil it for the others.
func (b *Book) commitGroup(ctx context.Context, group []*pending) {
	err := b.tryGroup(ctx, group)
	for try := 1; try < tries && transient(err); try++ {
		err = b.tryGroup(ctx, group)
	}
	if err == nil {
		return
	}
	if len(group) == 1 || errors.Is(err, E(Busy, "book.commit_unknown")) {
		for _, p := range group {
			p.err = err // a second try could double what is there already
		}
		return
	}
	for _, p := range group {
		b.commitGroup(ctx, []*pending{p})
	}
}

// transient holds for what may succeed when tried again and is known not to have happened: a serialisation
// failure, a deadlock, a connection lost before COMMIT, a COMMIT that settle found nothing of. This is the
// one place that tries again.
func transient(err error) bool {
	if errors.Is(err, E(Busy, "book.commit_unknown")) {
		return false
	}
	if pg, ok := errors.AsType[pgdriver.Error](err); ok {
		switch pg.Field('C') {
		case "40001", "40P01", "57P01", "57P02", "57P03", "25P03": // 57P: the server ends the session; 25P03: idle in transaction
			return true
		}
		return false
	}
	if errors.Is(err, E(Busy, "book.commit_lost")) {
		return true
	}
	return connectionLost(err)
}

func (b *Book) tryGroup(ctx context.Context, group []*pending) error {
	return b.transact(ctx, func(ctx context.Context, w *writer) error {
		commands := make([]Command, len(group))
		for i, p := range group {
			commands[i] = p.command
			p.receipt, p.err = Receipt{}, nil
		}
		known, err := b.knownKeys(ctx, w.conn, commands)
		if err != nil {
			return err
		}
		present := &Present{}
		if err := present.load(ctx, w.conn, b.id, commands); err != nil {
			return err
		}
		claimed := claims{}
		for i, p := range group {
			alone := p.command.Alone || group[0].command.Alone
			if p.deferred = i > 0 && (alone || claimed.touch(p.command.Reads)); p.deferred {
				continue
			}
			size := w.tree.Size()
			if err := b.decide(ctx, w, present, known, p); err != nil {
				return err
			}
			if len(group) > 1 && w.tree.Size() > size {
				claimed.add(p.command.Reads)
			}
		}
		for _, p := range group {
			if p.err == nil && !p.deferred && p.receipt.Size == 0 {
				p.receipt.Size = w.tree.Size()
			}
		}
		return nil
	})
}

// decide lets one command decide. A refusal stays with the command; an error, a panic among them, spoils
// the group.
func (b *Book) decide(ctx context.Context, w *writer, present *Present, known map[string]*keyRow, p *pending) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ledger: a command panicked: %v\n%s", r, debug.Stack())
		}
	}()
	c := p.command
	if c.Actor == (Actor{}) {
		p.err = E(Denied, "actor.unnamed")
		return nil
	}
	if len(c.Key) > keyBytesMax {
		p.err = E(Invalid, "idempotency.key_too_long", len(c.Key), keyBytesMax)
		return nil
	}
	sum := sha256.Sum256(c.Body)
	if first := known[c.Actor.name+"\x00"+c.Key]; c.Key != "" && first != nil {
		if string(first.BodySHA256) != string(sum[:]) {
			p.err = E(Conflict, "idempotency.other_body", c.Key)
			return nil
		}
		p.receipt = Receipt{First: first.SeqFirst, Last: first.SeqLast, Size: first.Size, Replayed: true}
		return nil
	}
	present.next = w.tree.Size()
	drafts, err := c.Decide(present)
	if err != nil || len(drafts) == 0 {
		p.err = err
		return nil
	}
	if err := w.appendDrafts(ctx, c.Actor, drafts); err != nil {
		p.err = err // of a group of one; in a larger group each is tried again alone
		return err
	}
	p.receipt.First, p.receipt.Last = present.next, w.tree.Size()-1
	if c.Key != "" {
		row := &keyRow{BookID: b.id, Actor: c.Actor.name, Key: c.Key, BodySHA256: sum[:], SeqFirst: p.receipt.First, SeqLast: p.receipt.Last}
		w.keys = append(w.keys, row)
		known[c.Actor.name+"\x00"+c.Key] = row
	}
	return nil
}

func (b *Book) knownKeys(ctx context.Context, conn bun.Conn, commands []Command) (map[string]*keyRow, error) {
	known := map[string]*keyRow{}
	var keys []string
	for _, c := range commands {
		if c.Key != "" {
			keys = append(keys, c.Key)
		}
	}
	if len(keys) == 0 {
		return known, nil
	}
	var rows []*keyRow
	// Its commit's checkpoint is the first that covers its last entry.
	err := conn.NewSelect().Model(&rows).ColumnExpr("key_row.*").
		ColumnExpr("(SELECT min(c.size) FROM checkpoints AS c WHERE c.book_id = key_row.book_id AND c.size > key_row.seq_last) AS size").
		Where("book_id = ?", b.id).Where("key IN (?)", bun.List(keys)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading idempotency keys: %w", err)
	}
	for _, r := range rows {
		known[r.Actor+"\x00"+r.Key] = r
	}
	return known, nil
}

// commit says how a commit differs from the common one.
type commit struct {
	db         *bun.DB       // nil: the writer's; else the owner's, who may also delete
	within     time.Duration // 0: commitTimeout
	lostKey    bool          // a key in force may be missing, as long as those of the new identity are there
	rolledBack bool          // what was published may go further than the head
}

// transact runs one commit of the book: its lock, the newest checkpoint, the tree, what fn appends, the
// next checkpoint. An unknown outcome is settled before it answers.
func (b *Book) transact(ctx context.Context, fn func(context.Context, *writer) error) error {
	return b.transactOn(ctx, commit{}, fn)
}

func (b *Book) transactOn(ctx context.Context, how commit, fn func(context.Context, *writer) error) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(how.within, commitTimeout))
	defer cancel()
	s := b.store.sequencer(b.id)
	s.committing.Lock()
	defer s.committing.Unlock()
	if s.opened != b.opened {
		s.tree, s.signer, s.opened = nil, nil, b.opened
	}
	var w *writer
	err := inTransaction(ctx, cmp.Or(how.db, b.store.db), func(ctx context.Context, conn bun.Conn) (err error) {
		if w, err = b.begin(ctx, conn, s, how); err != nil {
			return err
		}
		if err := fn(ctx, w); err != nil {
			return err
		}
		return w.flush(ctx)
	})
	if unknown, ok := errors.AsType[*unknownCommitError](err); ok {
		err = nil // nothing was written, nothing can be lost
		if w != nil && w.wrote() {
			err = b.settle(context.WithoutCancel(ctx), w, unknown)
		}
	}
	if err == nil && w != nil {
		s.tree, s.signer, s.signs = w.tree, w.signer, w.signs
		b.store.committed()
	}
	return err
}

// begin takes the book's lock and gives the writer that goes on from its head.
func (b *Book) begin(ctx context.Context, conn bun.Conn, s *sequencer, how commit) (*writer, error) {
	if err := b.lock(ctx, conn); err != nil {
		return nil, err
	}
	head, now, err := b.headNow(ctx, conn)
	if err != nil {
		return nil, err
	}
	load := s.tree == nil || s.tree.Size() != head.Size || s.tree.Root() != head.Root
	if load {
		if s.tree, err = b.loadTree(ctx, conn, head); err != nil {
			return nil, err
		}
	}
	if err := b.notRolledBack(ctx, conn, head, load, now.origin); err != nil && (!how.rolledBack || CodeOf(err) != Conflict) {
		return nil, err
	}
	if s.signer == nil || !s.signs.equal(now) {
		s.signs = now
		if s.signer, err = b.signer(ctx, conn, now); err != nil && (!how.lostKey || CodeOf(err) != Denied) {
			return nil, err
		}
	}
	return &writer{
		book: b, conn: conn, signer: s.signer, signs: now, identity: now, tree: s.tree.Clone(), first: s.tree.Size(), spilled: s.tree.Size(),
		at: b.store.instant(head.At.Add(time.Microsecond)), // every commit has an instant of its own: by it check sees that a checkpoint is missing
	}, nil
}

var lockOfBook = NewPrepared("lock_of_book",
	"SELECT book_id FROM book_locks WHERE book_id = $1 AND EXISTS (SELECT FROM books WHERE id = $1 AND verifier_key = $2) FOR UPDATE")

func (b *Book) lock(ctx context.Context, conn bun.Conn) error {
	var id int64
	// The verifier key too: another book may have the number of a dropped one.
	err := lockOfBook.Scan(ctx, conn, &id, b.id, b.opened)
	if errors.Is(err, sql.ErrNoRows) {
		return E(NotFound, "book.unknown", b.Code).On("book") // dropped since it was found
	}
	if err != nil {
		return fmt.Errorf("ledger: locking book %s: %w", b.Code, err)
	}
	return nil
}
