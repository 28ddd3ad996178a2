package main

import (
	"context"
	"fmt"
	"path/filepath"

	"mingzhang/ledger"
	"mingzhang/migrations"
	"mingzhang/migrations/localpg"
	"mingzhang/migrations/pgconn"
)

// runDB says how to reach the private PostgreSQL. With --wait it keeps it running until it is interrupted, so
// that another program can use it.
func runDB(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("db")
	wait := o.Bool("wait", false, p.say("保持数据库运行，直到按 Ctrl-C", "keep the database running until Ctrl-C"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if o.databaseURL != "" {
		where, err := pgconn.Parse(o.databaseURL)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s\n", where.Where())
		return nil
	}
	return o.with(ctx, func(s *session) error {
		fmt.Fprintf(p.out, "socket\t%s\ndatabase\t%s\nroles\t%s %s %s\nversion\t%d\n", s.private.Socket(), localpg.Database,
			localpg.OwnerRole, migrations.WriterRole, migrations.ReaderRole, s.private.Version())
		fmt.Fprintf(p.out, "url\t%s\n", s.private.DSN(localpg.OwnerRole, localpg.Database))
		fmt.Fprintf(p.out, "psql\tpsql -h %q -U %s %s\n", filepath.Dir(s.private.Socket()), localpg.OwnerRole, localpg.Database)
		if !*wait {
			p.talk("最后一个使用者退出后数据库随之停止；要用 psql，请另开窗口运行 mingzhang db --wait。",
				"The database stops with its last user; for psql, run mingzhang db --wait in another window.")
			return nil
		}
		p.talk("数据库正在运行，按 Ctrl-C 结束。", "The database is running; Ctrl-C ends it.")
		<-ctx.Done()
		return nil
	})
}

func runMigrate(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("migrate")
	o.BoolVar(&o.noBackup, "no-backup", o.noBackup, p.say("升级前不备份", "do not back up first"))
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	if o.databaseURL == "" && o.ownerURL == "" {
		return o.with(ctx, func(*session) error { // the private PostgreSQL is migrated when it is opened
			p.talk("数据库结构已是最新。", "The schema is up to date.")
			return nil
		})
	}
	url := o.ownerURL
	if url == "" {
		url = o.databaseURL
	}
	where, err := pgconn.Parse(url)
	if err != nil {
		return err
	}
	s := &session{}
	db := s.pool(where)
	err = pgconn.CheckServer(ctx, db)
	if s.ownerAt = where; err == nil {
		err = s.backUpFirst(ctx, o, db)
	}
	if err == nil {
		err = migrations.Apply(ctx, db)
	}
	if err == nil {
		err = ledger.Open(db, o.keys(), o.p.now, kinds()...).RebuildPending(ctx, db, o.p.rebuilding())
	}
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		p.talk("数据库结构已是最新。", "The schema is up to date.")
	}
	return err
}

func runConfig(_ context.Context, p *program, args []string) error {
	o := p.newOptions("config")
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	database := p.say("私有 PostgreSQL", "private PostgreSQL")
	if o.databaseURL != "" {
		where, err := pgconn.Parse(o.databaseURL)
		if err != nil {
			return err
		}
		database = where.Where()
	}
	fmt.Fprintf(p.out, "data-dir\t%s\nkeys\t%s\ndatabase\t%s\nlang\t%s\ntoday\t%s\n", o.dir(), o.keyDir(), database, p.lang, p.today())
	return nil
}

func runVersion(_ context.Context, p *program, args []string) error {
	o := p.newOptions("version")
	if _, err := o.parse(args, 0, 0); err != nil {
		return err
	}
	fmt.Fprintln(p.out, ledger.Text{ZH: "明账 ", EN: "Mingzhang "}.In(p.lang)+version)
	return nil
}
