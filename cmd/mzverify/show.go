package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

func runProof(_ context.Context, p *program, args []string) error {
	o := p.newOptions("proof")
	operands, err := o.parse(args, 1)
	if err != nil {
		return err
	}
	body, err := readLimited(operands[0], proofMax)
	if err != nil {
		return err
	}
	f, err := parseProof(operands[0], body)
	if err != nil {
		return err
	}
	if err := f.check(operands[0]); err != nil {
		return err
	}
	signer, own, err := f.judge(operands[0], o.keys.list)
	if err != nil {
		return err
	}
	if err := f.checkpoint.witnessed(operands[0], o.witnesses.list); err != nil {
		return err
	}
	p.line(text{"完好：条目 %d 在这张链首凭证的账簿里。", "fine: entry %d is in the book of this checkpoint."}, f.index)
	p.printEntry(f)
	p.printCheckpoint(&f.checkpoint, []verifier{signer}, o.witnesses.list)
	if own {
		p.ownWord(signer)
	} else if f.key != signer.text {
		p.line(text{"注意：文件自带的公钥是另一个：%s", "note: the file's own key is another: %s"}, f.key)
	}
	return nil
}

// ownWord says that a key was taken from what is being checked.
func (p *program) ownWord(keys ...verifier) {
	p.line(text{
		"※ 未给 --key：所用公钥是文件自己说的，别人也能造一个。请与您另外得到的公钥逐字比对：",
		"※ no --key was given: the key is the file's own word, and anybody can make one. Compare it, letter by letter, with the key that you have from elsewhere:",
	})
	for _, k := range keys {
		p.line(text{"  %s", "  %s"}, k.text)
	}
}

// printEntry prints what the entry says in clear, its premium reckoned here.
func (p *program) printEntry(f *proofFile) {
	var e struct {
		Kind   string `json:"kind"`
		At     string `json:"at"`
		Record int64  `json:"record"`
		State  struct {
			LotNo      string  `json:"lot_no"`
			Asset      string  `json:"asset_name"`
			Collective string  `json:"collective"`
			Outcome    string  `json:"outcome"`
			HammeredOn string  `json:"hammered_on"`
			Base       *string `json:"base_total"`
			Hammer     *string `json:"hammer_total"`
			ParcelNo   string  `json:"parcel_no"`
			Verified   string  `json:"verified_area_mu"`
			VerifiedOn string  `json:"verified_on"`
		} `json:"state"`
	}
	if json.Unmarshal(f.entry, &e) != nil {
		return // the scanner read it: a kind that has other things under these names
	}
	p.line(text{"  种类 %s，记录 %d，记入于 %s", "  kind %s, record %d, recorded at %s"}, e.Kind, e.Record, e.At)
	p.line(text{"  叶哈希 %s，校验码 %d-%s", "  leaf hash %s, check code %d-%s"}, f.leaf.hex(), f.index, checkCode(f.leaf))
	for _, v := range []struct {
		name  text
		value string
	}{
		{text{"交易编号", "lot number"}, e.State.LotNo}, {text{"标的", "asset"}, e.State.Asset}, {text{"村集体", "collective"}, e.State.Collective},
		{text{"结果", "outcome"}, outcomeWord(e.State.Outcome).in(p.lang)}, {text{"成交日期", "hammered on"}, e.State.HammeredOn}, {text{"宗地编号", "parcel number"}, e.State.ParcelNo},
		{text{"核查面积（亩）", "verified area (mu)"}, e.State.Verified}, {text{"核查日期", "verified on"}, e.State.VerifiedOn},
	} {
		if v.value != "" {
			p.line(text{"  %s：%s", "  %s: %s"}, v.name.in(p.lang), v.value)
		}
	}
	if e.State.Base != nil {
		p.line(text{"  底价合同总额 %s 元", "  base total %s yuan"}, *e.State.Base)
	}
	if e.State.Hammer != nil {
		p.line(text{"  成交合同总额 %s 元", "  hammer total %s yuan"}, *e.State.Hammer)
	}
	if e.State.Base == nil || e.State.Hammer == nil {
		return
	}
	base, ok := decimal(*e.State.Base)
	hammer, also := decimal(*e.State.Hammer)
	if ok && also {
		premium := difference(hammer, base)
		p.line(text{"  溢价 %s 元，溢价率 %s（本程序算得）", "  premium %s yuan, premium rate %s (reckoned here)"}, fixed(premium, 2), percent(quotient(premium, base)))
	}
}

// outcomeWord is what people say for the code of an outcome.
func outcomeWord(code string) text {
	words := map[string]string{
		"hammered": "成交", "confirmed": "已签约", "disputed": "异议", "defaulted": "弃拍",
		"terminated": "终止", "unsold": "流拍", "withdrawn": "撤牌",
	}
	if word, ok := words[code]; ok {
		return text{word, code}
	}
	return text{code, code}
}

// witnessed refuses a checkpoint on which a witness that the asker knows has a line that is not its signature.
func (c *checkpoint) witnessed(file string, witnesses []verifier) error {
	for _, w := range witnesses {
		if _, named, ok := c.cosignedBy(w); named && !ok {
			return brokenAt(file, 0, textf(text{"见证人 %s 的签名无效", "the signature of the witness %s is not valid"}, w.name))
		}
	}
	return nil
}

// printCheckpoint prints a checkpoint and whose its signature lines are.
func (p *program) printCheckpoint(c *checkpoint, signers, witnesses []verifier) {
	p.line(text{"链首凭证：%s，条目数 %d，根 %s", "checkpoint: %s, size %d, root %s"}, c.origin, c.size, c.root)
	for _, s := range c.signatures {
		i := slices.IndexFunc(witnesses, s.isOf)
		switch {
		case slices.ContainsFunc(signers, s.isOf):
			p.line(text{"  签名有效：%s（%08x）", "  signed, valid: %s (%08x)"}, s.name, s.id)
		case i >= 0:
			at, _, _ := c.cosignedBy(witnesses[i])
			p.line(text{"  见证有效：%s，见于 %s", "  witnessed, valid: %s at %s"}, s.name, at.Format(time.RFC3339))
		default:
			p.line(text{"  不认识的签名行，未校验：%s（%08x）", "  unknown signature line, not checked: %s (%08x)"}, s.name, s.id)
		}
	}
	for _, w := range witnesses {
		if _, named, _ := c.cosignedBy(w); !named {
			p.line(text{"  没有见证人 %s 的签名", "  no signature of the witness %s"}, w.name)
		}
	}
}

func runExport(ctx context.Context, p *program, args []string) error {
	o := p.newOptions("export")
	operands, err := o.parse(args, 1)
	if err != nil {
		return err
	}
	r, err := o.verified(ctx, operands[0], nil)
	if err != nil {
		return err
	}
	p.printResult(r)
	p.printCheckpoint(&r.head, r.chain.now().keys, o.witnesses.list)
	if len(o.keys.list) == 0 {
		p.ownWord(r.chain.now().keys...)
	}
	return nil
}

// verified checks an export and who signed it: with keys of the asker's, one of them signed its newest checkpoint.
func (o *options) verified(ctx context.Context, path string, watch watcher, sizes ...int64) (r *result, err error) {
	f, _, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	r, err = verify(ctx, f, watch, sizes...)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.trusted(o.keys.list); err != nil {
		return nil, err
	}
	return r, r.head.witnessed(headFile, o.witnesses.list)
}

// trusted holds an export against keys from elsewhere: one of them signs now, or leads to those that do.
func (r *result) trusted(keys []verifier) error {
	if len(keys) == 0 || slices.ContainsFunc(keys, r.chain.reaches) {
		return nil
	}
	var signed int64
	for _, k := range keys {
		signed = max(signed, r.signed[k.text])
	}
	if signed == 0 {
		return brokenAt(headFile, 0, text{"没有一张凭证有所给公钥的签名", "no checkpoint is signed by the key that was given"})
	}
	return brokenAt(headFile, 0, textf(text{
		"所给公钥只签到条目数 %d，此后账簿以新的来源名重新起用，新公钥没有旧公钥作证。请另外取得新公钥，一并用 --key 给出",
		"the key that was given signed as far as size %d; then the book was reopened under another origin, by a key that none from before vouches for. Get it from elsewhere and give it with --key, too",
	}, signed))
}

func (p *program) printResult(r *result) {
	if r.public {
		p.line(text{"完好：公开导出，条目 %d，其中只列哈希 %d。", "fine: a public export, %d entries, of which %d show their hash alone."}, r.entries, r.hidden)
	} else {
		p.line(text{"完好：全部条目 %d。", "fine: all %d entries."}, r.entries)
	}
	first := r.chain[0].profile
	p.line(text{"  账簿 %s（%s），种类 %s", "  book %s (%s), kind %s"}, first.Code, first.NameZH, first.Kind)
	p.line(text{"  链首凭证 %d 张，签名全部有效；最后一条记入于 %s", "  %d checkpoints, every signature valid; the last entry was recorded at %s"}, r.checkpoints, r.at)
	if r.sealed {
		p.line(text{"  封存文字 %d 条与承诺值相符；已删除 %d 条", "  %d sealed texts open their commitments; %d were erased"}, r.texts, r.missing)
	}
	if r.keys > 0 {
		p.line(text{"  幂等键 %d 个，所指条目存在", "  %d idempotency keys, whose entries are there"}, r.keys)
	}
	for i := 1; i < len(r.chain); i++ {
		if before, now := &r.chain[i-1], &r.chain[i]; now.changed(before) {
			p.printChange(before, now)
		}
	}
}

// printChange tells of other keys, and whether one from before goes on signing.
func (p *program) printChange(before, now *reign) {
	p.line(text{"  自条目 %d 起签名公钥改变（来源名 %s）：", "  from entry %d on other keys sign (origin %s):"}, now.from, now.origin)
	for _, k := range now.keys {
		p.line(text{"    %s", "    %s"}, k.text)
	}
	if now.origin == before.origin {
		return
	}
	p.line(text{
		"    重新起用：此前的公钥都没有为它作证，请向该单位核实",
		"    reopened: no key from before vouches for it; ask the office",
	})
	if r := now.profile.Reopened; r != nil {
		p.line(text{"    所接续的凭证：%s，条目数 %d，根 %s", "    the checkpoint that it names: %s, size %d, root %s"}, r.Origin, r.Size, r.Root)
	}
	switch now.goesOn {
	case goesOn:
		p.line(text{"    账簿里的条目与那张凭证相符", "    the entries of the book are those of that checkpoint"})
	case lostEntries:
		p.line(text{"    ※ 账簿里的条目与那张凭证不符：已公布的条目有缺失", "    ※ the entries of the book are not those of that checkpoint: some that were published are missing"})
	case notCompared:
	}
}
