package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// Backups is how old the newest backup is.
type Backups struct {
	At     *time.Time    // nil: there was never one
	Age    time.Duration // without one, since the installation began
	Late   bool          // older than it should be
	Failed string        // why the last try failed, if it did
}

// Warning is what whoever can do something about it is told; nothing while all is well.
func (b Backups) Warning() ledger.Text {
	days := strconv.FormatInt(int64(b.Age/(24*time.Hour)), 10)
	switch {
	case b.Failed != "":
		return ledger.Text{ZH: "最近一次备份没有成功：" + b.Failed, EN: "The last backup failed: " + b.Failed}
	case b.Late && b.At == nil:
		return ledger.Text{ZH: "已有 " + days + " 天，还没有做过备份。请运行 mingzhang backup。", EN: "There has been no backup for " + days + " days, since the beginning. Run mingzhang backup."}
	case b.Late:
		return ledger.Text{ZH: "已有 " + days + " 天没有备份。请运行 mingzhang backup。", EN: "There has been no backup for " + days + " days. Run mingzhang backup."}
	}
	return ledger.Text{ZH: "", EN: ""}
}

// backupNotice warns administrators and leaders on their desk.
func (s *Server) backupNotice(r *request) *Notice {
	if s.o.Backups == nil || !r.who.Can(account.Administer) && !r.who.Can(account.Issue) {
		return nil
	}
	state, err := s.o.Backups(r.Context())
	if err != nil {
		s.log.ErrorContext(r.Context(), "web: asking for the last backup", slog.String("request_id", r.id), slog.Any("error", err))
		return nil
	}
	if text := state.Warning().In(r.lang); text != "" {
		return &Notice{"bad", text}
	}
	return nil
}

// writeBackups adds the age of the last backup to the figures; -1 where there is none, or nobody knows.
func (s *Server) writeBackups(w io.Writer, r *http.Request) {
	age, failed := int64(-1), int64(0)
	if s.o.Backups != nil {
		if state, err := s.o.Backups(r.Context()); err == nil {
			if state.At != nil {
				age = int64(state.Age / time.Second)
			}
			if state.Failed != "" {
				failed = 1
			}
		}
	}
	_, _ = fmt.Fprintf(w, "# TYPE mingzhang_backup_age_seconds gauge\nmingzhang_backup_age_seconds %d\n", age)
	_, _ = fmt.Fprintf(w, "# TYPE mingzhang_backup_failed gauge\nmingzhang_backup_failed %d\n", failed)
}
