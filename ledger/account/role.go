package account

import (
	"slices"

	"mingzhang/ledger"
)

// Can is something that a right allows.
type Can string

// All that can be allowed.
const (
	ReadBook   Can = "read"
	EnterLots  Can = "enter_lots"
	EnterLand  Can = "enter_land"
	Review     Can = "review"
	Issue      Can = "issue"
	Audit      Can = "audit"
	ExportBook Can = "export"
	Administer Can = "administer"
)

// AllCans lists everything that can be allowed, in a fixed order.
func AllCans() []Can {
	return []Can{ReadBook, EnterLots, EnterLand, Review, Issue, Audit, ExportBook, Administer}
}

// Name is what people call it.
func (c Can) Name() ledger.Text {
	switch c {
	case ReadBook:
		return ledger.Text{ZH: "查看", EN: "read"}
	case EnterLots:
		return ledger.Text{ZH: "录入交易", EN: "enter lots"}
	case EnterLand:
		return ledger.Text{ZH: "录入宗地与核查", EN: "enter land"}
	case Review:
		return ledger.Text{ZH: "复核", EN: "review"}
	case Issue:
		return ledger.Text{ZH: "签发", EN: "issue"}
	case Audit:
		return ledger.Text{ZH: "审计", EN: "audit"}
	case ExportBook:
		return ledger.Text{ZH: "导出", EN: "export"}
	case Administer:
		return ledger.Text{ZH: "管理账户", EN: "administer accounts"}
	}
	return ledger.Text{ZH: string(c), EN: string(c)}
}

// Role is what a person is in a book, or, as administrator, in the installation.
type Role string

// The roles.
const (
	Clerk         Role = "clerk"
	LandOfficer   Role = "land_officer"
	Reviewer      Role = "reviewer"
	Leader        Role = "leader"
	Auditor       Role = "auditor"
	Administrator Role = "administrator"
)

// Roles lists all roles, in the order in which people name them.
func Roles() []Role {
	return []Role{Clerk, LandOfficer, Reviewer, Leader, Auditor, Administrator}
}

// ParseRole reads a role: invalid role.unknown.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", ledger.E(ledger.Invalid, "role.unknown", s).On("role")
}

// Name is what people call the role.
func (r Role) Name() ledger.Text {
	switch r {
	case Clerk:
		return ledger.Text{ZH: "交易经办员", EN: "clerk"}
	case LandOfficer:
		return ledger.Text{ZH: "土地核查员", EN: "land officer"}
	case Reviewer:
		return ledger.Text{ZH: "复核员", EN: "reviewer"}
	case Leader:
		return ledger.Text{ZH: "负责人", EN: "leader"}
	case Auditor:
		return ledger.Text{ZH: "审计员", EN: "auditor"}
	case Administrator:
		return ledger.Text{ZH: "系统管理员", EN: "administrator"}
	}
	return ledger.Text{ZH: string(r), EN: string(r)}
}

// Cans are what the role allows. An administrator sees no business data at all.
func (r Role) Cans() []Can {
	switch r {
	case Clerk:
		return []Can{ReadBook, EnterLots, ExportBook}
	case LandOfficer:
		return []Can{ReadBook, EnterLand, ExportBook}
	case Reviewer:
		return []Can{ReadBook, Review, ExportBook}
	case Leader:
		return []Can{ReadBook, Review, Issue, ExportBook}
	case Auditor:
		return []Can{ReadBook, Audit, ExportBook}
	case Administrator:
		return []Can{Administer}
	}
	return nil
}

// Can tells whether the role allows something.
func (r Role) Can(c Can) bool { return slices.Contains(r.Cans(), c) }

// NeedsTOTP tells whether whoever has the role must sign in with a second factor. Clerks may.
func (r Role) NeedsTOTP() bool { return r != Clerk && r != LandOfficer }
