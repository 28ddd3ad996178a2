package landcheck_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/review"
)

// told is a timeline as text.
func told(versions []review.Version) []string {
	var lines []string
	for _, v := range versions {
		line := v.Kind
		if v.Reason != "" {
			line += "(" + v.Reason + ")"
		}
		var changes []string
		for _, c := range v.Changes {
			changes = append(changes, fmt.Sprintf("%s %s→%s", c.Column, c.Old.ZH, c.New.ZH))
		}
		line += ": " + strings.Join(changes, "; ")
		for _, r := range v.Reviews {
			line += fmt.Sprintf(" [%s %s %v %s]", r.Actor, r.Verdict, r.OfImport, r.Reason)
		}
		lines = append(lines, line)
	}
	return lines
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the timeline is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+"甲-1,441202999999JB00001,甲地,集体,留用地,周学会,示例路1号,约6.52,1,,2021-04-01,示例员甲,面积不符、另议,出租,备注一\n")
	reviewer, err := ledger.LocalActor("reviewer")
	if err != nil {
		t.Fatal(err)
	}
	none, today, db := ledger.Key{}, day(t, "2021-07-01"), b.store.DB()
	id, visit := b.id(t, "甲-1"), b.visit(t, "甲-1", "2021-04-01")
	made := []review.Subjects{{Kind: "parcel", Table: landcheck.Parcels()}, {Kind: "verification", Table: landcheck.Verifications()}}
	if _, err := review.Import(t.Context(), b.scope(), reviewer, none, made, *b.parcel(t, id).Import, true, nil, ""); err != nil {
		t.Fatal(err)
	}
	in := landcheck.ParcelInputOf(b.parcel(t, id))
	in.Holder, in.Category, in.RegisteredArea, in.Remark, in.Village, in.TenureRight = "吴三", "自用地", "7", "备注二", "示例青村", "8"
	if _, err := landcheck.AmendParcel(t.Context(), b.scope(), b.actor, none, id, 0, in, "抄错"); err != nil {
		t.Fatal(err)
	}
	if _, err := review.Return(t.Context(), b.scope(), reviewer, none, b.parcel(t, id).Target(), "请核对村名"); err != nil {
		t.Fatal(err)
	}
	found, err := landcheck.FindVerification(t.Context(), db, b.scope(), visit)
	if err != nil {
		t.Fatal(err)
	}
	v := landcheck.VerificationInputOf(found, ledger.EN)
	v.VerifiedOn, v.Officers, v.Conclusion, v.VerifiedArea = "2021-04-02", v.Officers+"、示例员乙", "相符", ""
	if _, err := landcheck.AmendVerification(t.Context(), b.scope(), b.actor, none, visit, found.SeqFrom, v, "看错", today); err != nil {
		t.Fatal(err)
	}
	if _, err := landcheck.VoidParcel(t.Context(), b.scope(), b.actor, none, id, 0, "不属本街道"); err != nil {
		t.Fatal(err)
	}
	versions, err := landcheck.ParcelHistory(t.Context(), db, b.scope(), id)
	if err != nil {
		t.Fatal(err)
	}
	same(t, told(versions), []string{
		"parcel.recorded: parcel_no →甲-1; parcel_code →441202999999JB00001; name →甲地; owner →集体; tenure_right →集体建设用地使用权; tenure_nature →集体土地; " +
			"category →留用地; holder →周学会; location →示例路1号; registered_area_mu →6.52; written →约6.52 [local:reviewer approved true ]",
		"parcel.amended(抄错): tenure_right 集体建设用地使用权→集体建设用地使用权/房屋所有权; category 留用地→自用地; holder 周学会→吴三; registered_area_mu 6.52→7.00; " +
			"written 约6.52→; village →示例青村; remark →备注二 [local:reviewer returned false 请核对村名]",
		"parcel.voided(不属本街道): voided 否→是",
	})
	if owner := versions[0].Changes[3]; owner.New.EN != "collective" || versions[2].Changes[0].New.EN != "yes" {
		t.Errorf("in English %+v", owner)
	}
	versions, err = landcheck.VerificationHistory(t.Context(), db, b.scope(), visit)
	if err != nil {
		t.Fatal(err)
	}
	same(t, told(versions), []string{
		"verification.recorded: verified_on →2021-04-01; verified_area_mu →1.00; officers →示例员甲; conclusions →面积不符; use_state →出租; conclusion_text →另议; remark →备注一 [local:reviewer approved true ]",
		"verification.amended(看错): verified_on 2021-04-01→2021-04-02; verified_area_mu 1.00→; officers 示例员甲→示例员甲、示例员乙; conclusions 面积不符→相符; conclusion_text 另议→",
		"verification.voided(不属本街道): voided 否→是",
	})
	if p := b.parcel(t, id); !p.Voided || len(p.Verifications) != 0 {
		t.Errorf("the voided parcel is %+v", p)
	}
	b.clean(t, b.size(t))
}

// A form that is filled with what the book has, and sent back, changes nothing: in both languages.
func TestVerificationInputOf(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, header+"甲-1,,甲地,集体,留用地,周学会,,,1234.5㎡,,2021-04-01,示例员甲、欧阳 修,面积不符、使用人不符、另议,看不清，已封,备注\n"+
		"甲-2,,甲地,集体,留用地,周学会,,,,,2021-04-01,,与证不一致，需复核,,\n")
	for _, no := range []string{"甲-1", "甲-2"} {
		for _, lang := range []ledger.Lang{ledger.ZH, ledger.EN} {
			v, err := landcheck.FindVerification(t.Context(), b.store.DB(), b.scope(), b.visit(t, no, "2021-04-01"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = landcheck.AmendVerification(t.Context(), b.scope(), b.actor, ledger.Key{}, v.ID, v.SeqFrom, landcheck.VerificationInputOf(v, lang), "无", day(t, "2021-07-01"))
			if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Reason != "record.unchanged" {
				t.Errorf("%s in %s: %v, want record.unchanged", no, lang, err)
			}
		}
	}
}
