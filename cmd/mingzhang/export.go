package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func runExport(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("export")
	book := o.String("book", "", p.say("账簿代码", "code of the book"))
	out := o.String("out", "", p.say("写到哪里：新目录，或以 .zip 结尾的新文件", "where to: a new directory, or a new file that ends in .zip"))
	public := o.Bool("public", false, p.say("公开导出：只有已公布的成交结果是明文，其余只列哈希", "a public export: published results in clear, hashes of all else"))
	sealed := o.Bool("sealed", false, p.say("连同封存文字（含姓名）", "with the sealed texts, names of persons among them"))
	asOf := o.Int64("as-of", 0, p.say("截至哪个链首凭证（条目数）；0 为最新", "as of which checkpoint (its size); 0 is the newest"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	for _, needed := range []struct{ name, value string }{{"book", *book}, {"out", *out}} {
		if err := o.required(needed.name, needed.value); err != nil {
			return err
		}
	}
	if *public && *sealed {
		return &usageError{p.say("--public 与 --sealed 不能并用：公开导出没有封存文字", "--public and --sealed do not go together: a public export has no sealed texts")}
	}
	if *asOf < 0 {
		return &usageError{p.say("--as-of 不能为负", "--as-of cannot be negative")}
	}
	if _, err := os.Lstat(*out); !errors.Is(err, fs.ErrNotExist) { // asked before anything is begun
		return p.notOver(*out, err)
	}
	return o.withAccounts(ctx, func(s *session, accounts *account.Service) error {
		b, err := s.store.Book(ctx, *book)
		if err != nil {
			return err
		}
		options := exportOptions(b, *public)
		options.Sealed, options.Size = *sealed, *asOf
		if err := accounts.NoteOf(ctx, s.actor, account.Event{Name: "exported", Book: b.Code, What: exportName(*public, *sealed)}); err != nil {
			return err
		}
		done, err := p.export(ctx, b, options, *out)
		if err != nil {
			return err
		}
		p.printExported(b, done, *out, *public, *sealed)
		return nil
	})
}

// exportOptions are those of a whole book, or of what strangers may see of it.
func exportOptions(b *ledger.Book, public bool) ledger.ExportOptions {
	if !public {
		return ledger.ExportOptions{}
	}
	return ledger.ExportOptions{Published: func(ctx context.Context, db bun.IDB, asOf, after int64, limit int) ([]int64, error) {
		return auction.PublishedEntries(ctx, db, ledger.WholeBook(b), asOf, after, limit)
	}}
}

// exportName is what the installation's log calls an export.
func exportName(public, sealed bool) string {
	switch {
	case public:
		return "book, public"
	case sealed:
		return "book, with sealed texts"
	}
	return "book"
}

// notOver says that something stands where an export was to go, or why that cannot be known.
func (p *program) notOver(path string, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf(p.say("%s 已存在，没有写入。导出从不覆盖：请换一个名称。", "%s is there already; nothing was written. An export overwrites nothing: choose another name."), path)
}

// export writes the files. What was begun and not finished is taken away again.
func (p *program) export(ctx context.Context, b *ledger.Book, options ledger.ExportOptions, path string) (done ledger.Exported, err error) {
	if strings.HasSuffix(path, ".zip") {
		file, err := newFile(path)
		if err != nil {
			return done, err
		}
		done, err = b.ExportZip(ctx, options, file)
		if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
			return done, errors.Join(err, os.Remove(path))
		}
		return done, nil
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return done, err
	}
	var open *os.File
	finish := func() error {
		if open == nil {
			return nil
		}
		return errors.Join(open.Sync(), open.Close())
	}
	done, err = b.Export(ctx, options, func(_ ledger.Checkpoint, name string) (io.Writer, error) {
		if err := finish(); err != nil {
			return nil, err
		}
		var err error
		open, err = newFile(filepath.Join(path, name))
		return open, err
	})
	if err = errors.Join(err, finish()); err != nil {
		return done, errors.Join(err, os.RemoveAll(path)) // made by this command a moment ago
	}
	return done, nil
}

// newFile makes a file that was not there, for its owner alone.
func newFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (p *program) printExported(b *ledger.Book, done ledger.Exported, path string, public, sealed bool) {
	fmt.Fprintf(p.out, p.say("账簿 %s 已导出到 %s：条目 %d，其中明文 %d，根 %s\n", "book %s is exported to %s: %d entries, %d of them in clear, root %s\n"),
		b.Code, path, done.Checkpoint.Size, done.Shown, done.Checkpoint.Root)
	if sealed {
		p.talk("※ sealed.jsonl 含姓名等明文 %d 条。只交给有权查看的人，用后删除。", "※ sealed.jsonl holds %d clear texts, names of persons among them. Give it only to those who may see them, and delete it afterwards.", done.Texts)
	}
	if public {
		p.talk("公开导出：除账簿自述和已公布的成交结果外，只有哈希。", "A public export: hashes of all but the book's own entries and the published results.")
	}
	p.talk("校验：mzverify export %s --key %s", "To check it: mzverify export %s --key %s", path, b.VerifierKey)
}
