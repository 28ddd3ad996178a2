package merkle

import (
	"bytes"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/proof"
)

// vectorKey and vector are a proof of the third of five leaves, made once: the file is never written otherwise.
const (
	vectorKey = "mingzhang/vector/00112233445566778899+4ec44a94+AURu2WrE65sE5MjWiyLRmGh9JagGfaMx1z2+jUzXmZS4"
	vector    = "c2sp.org/tlog-proof@v1\n" +
		"extra eyJlbnRyeSI6ImVudHJ5IDIiLCJ2ZXJpZmllcl9rZXkiOiJtaW5nemhhbmcvdmVjdG9yLzAwMTEyMjMzNDQ1NTY2Nzc4ODk5KzRlYzQ0YTk0K0FVUnUyV3JFNjVzRTVNaldpeUxSbUdoOUphZ0dmYU14MXoyK2pVelhtWlM0In0=\n" +
		"index 2\n" +
		"YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=\n" +
		"WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=\n" +
		"SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=\n" +
		"\n" +
		"mingzhang/vector/00112233445566778899\n5\nfKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=\n\n" +
		"— mingzhang/vector/00112233445566778899 TsRKlPCuWOaU6xZWgXx5E5ngTnS3OeILKsTVyygl3NZBAi7T85PqMCthUh6iMFByZL1RTG/oLWp9vpo4h3aTB0GL2AA=\n"
)

// The vector is read, proves its leaf, and is written again as it was; another implementation reads the same in it.
func TestProofFile(t *testing.T) {
	t.Parallel()
	p, err := ParseProofFile(vector)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(p.Checkpoint, vectorKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckInclusion(p.Hashes, p.Index, c.Size, c.Root, LeafHash([]byte("entry 2"))); err != nil {
		t.Error(err)
	}
	if want := `{"entry":"entry 2","verifier_key":"` + vectorKey + `"}`; string(p.Extra) != want {
		t.Errorf("the extra line says %s, want %s", p.Extra, want)
	}
	if again := p.Text(); again != vector {
		t.Errorf("written again it is\n%s\nwant\n%s", again, vector)
	}
	bare := ProofFile{Index: 0, Checkpoint: p.Checkpoint}
	if got, err := ParseProofFile(bare.Text()); err != nil || len(got.Hashes) != 0 || got.Extra != nil {
		t.Errorf("a proof without hashes and extra: %+v, %v", got, err)
	}

	var theirs proof.TLogProof
	if err := theirs.Unmarshal([]byte(vector)); err != nil {
		t.Fatal(err)
	}
	if theirs.Index != 2 || !bytes.Equal(theirs.ExtraData, p.Extra) || string(theirs.Checkpoint) != p.Checkpoint || len(theirs.Hashes) != 3 || theirs.Hashes[1] != p.Hashes[1] {
		t.Errorf("transparency-dev reads %+v, want what is read here: %+v", theirs, p)
	}
	if got := string(theirs.Marshal()); got != vector {
		t.Errorf("transparency-dev writes\n%s\nwant\n%s", got, vector)
	}
}

func TestParseProofFile_Strict(t *testing.T) {
	t.Parallel()
	change := func(old, by string) string { return strings.Replace(vector, old, by, 1) }
	for name, text := range map[string]string{
		"nothing":                       "",
		"another version":               change("@v1", "@v2"),
		"a line before it":              "\n" + vector,
		"Windows lines":                 strings.ReplaceAll(vector, "\n", "\r\n"),
		"an empty extra line":           change(strings.Split(vector, "\n")[1], "extra "),
		"extra data that is not base64": change("extra eyJ", "extra !yJ"),
		"extra data twice":              change("index", "extra AAAA\nindex"),
		"extra bits in the extra line":  change("In0=\n", "In1=\n"),
		"a carriage return in a hash":   change("YcoROfaB", "YcoR\rOfaB"),
		"no index":                      change("index 2\n", ""),
		"an index with a zero":          change("index 2", "index 02"),
		"a negative index":              change("index 2", "index -2"),
		"an index with a sign":          change("index 2", "index +2"),
		"an index too large":            change("index 2", "index 9223372036854775808"),
		"two blanks":                    change("index 2", "index  2"),
		"a short hash":                  change("YcoROfaB", "Yco"),
		"a hash in hexadecimal":         change("YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=", strings.Repeat("0", 64)),
		"more hashes than any tree":     change("YcoR", strings.Repeat("YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=\n", 64)+"YcoR"),
		"no checkpoint":                 vector[:strings.Index(vector, "\n\n")+2],
		"cut in the hashes":             vector[:strings.Index(vector, "\n\n")],
		"too long":                      vector + strings.Repeat("x", proofBytesMax),
	} {
		if p, err := ParseProofFile(text); err == nil {
			t.Errorf("%s was read: %+v", name, p)
		}
	}
}

// What is read is written again byte for byte.
func FuzzParseProofFile(f *testing.F) {
	f.Add(vector)
	f.Add("c2sp.org/tlog-proof@v1\nindex 0\n\nx")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProofFile(text)
		if err == nil && p.Text() != text {
			t.Errorf("%q was read and is written %q", text, p.Text())
		}
	})
}
