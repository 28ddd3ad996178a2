package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"mingzhang/ledger"
)

func runImportBook(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("import book")
	code := o.String("code", "", p.say("在这里的代码；默认与原账簿相同", "the code it gets here; by default the original's"))
	paths, err := o.parse(args, 1, 1)
	if err != nil {
		return err
	}
	export, opened, err := openExport(paths[0])
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // it was only read
	return o.with(ctx, func(s *session) error {
		got, err := s.store.ImportBook(ctx, s.actor, export, *code, p.progress(paths[0]))
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s\t%d\t%s\n", got.Book.Code, got.Head.Size, got.Head.Root)
		p.talk("账簿 %s 已导入：%d 条，根与原账簿相同，随带 %d 处密封原文（共 %d 处承诺）。这是只读副本：签名密钥不在导出里。",
			"Book %s is imported: %d entries, the root is the original's, %d of %d sealed texts came along. It is a copy that can only be read: the signing key is in no export.",
			got.Book.Code, got.Head.Size, got.Texts, got.Commitments)
		return nil
	})
}

// openExport opens a folder or a .zip file.
func openExport(path string) (fs.FS, io.Closer, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, ledger.E(ledger.NotFound, "file.not_found", path).Because(err)
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, ledger.E(ledger.Denied, "file.not_readable", path).Because(err)
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		root, err := os.OpenRoot(path) // what the folder links to outside of it is none of the export
		if err != nil {
			return nil, nil, ledger.E(ledger.Invalid, "book_import.unreadable", path).Because(err)
		}
		return root.FS(), root, nil
	case !info.Mode().IsRegular():
		return nil, nil, ledger.E(ledger.Invalid, "book_import.unreadable", path)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, ledger.E(ledger.Invalid, "book_import.unreadable", path).Because(err)
	}
	return &z.Reader, z, nil
}
