// A verifier for Atalaya's ledger that shares no code with it: Go's own note and tlog packages
// (the ones that check Go modules) on the files that docs/formats/ledger.md describes.
//
//	ledger_go verify FOLDER          every file must be accepted
//	ledger_go sweep FOLDER FILE…     every file with one bit changed anywhere must be refused
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// One spelling for each value: Go's default decoder ignores the bits that padding cuts off.
var strict = base64.StdEncoding.Strict()

type checkpoint struct {
	size int64
	root tlog.Hash
}

func readHash(line string) (tlog.Hash, error) {
	var hash tlog.Hash
	raw, err := strict.DecodeString(line)
	if err != nil || len(raw) != tlog.HashSize {
		return hash, fmt.Errorf("not a hash: %q", line)
	}
	copy(hash[:], raw)
	return hash, nil
}

func readNumber(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 || strconv.FormatInt(number, 10) != text {
		return 0, fmt.Errorf("not a number: %q", text)
	}
	return number, nil
}

func openCheckpoint(data []byte, verifier note.Verifier) (*checkpoint, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	for _, sig := range opened.Sigs {
		if _, err := strict.DecodeString(sig.Base64); err != nil {
			return nil, err
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return nil, errors.New("not a checkpoint of this log")
	}
	result := new(checkpoint)
	if result.size, err = readNumber(lines[1]); err != nil {
		return nil, err
	}
	if result.root, err = readHash(lines[2]); err != nil {
		return nil, err
	}
	return result, nil
}

func readHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := readHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func checkExtra(encoded string) (*tlog.Hash, error) {
	raw, err := strict.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	var extra struct {
		Leaf     string  `json:"leaf"`
		LeafHash *string `json:"leaf_hash"`
		Payload  *string `json:"payload"`
		Salt     *string `json:"salt"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&extra); err != nil {
		return nil, err
	}
	if extra.LeafHash != nil {
		hash, err := tlog.ParseHash(*extra.LeafHash)
		if err != nil {
			return nil, err
		}
		if want := fmt.Sprintf(`{"leaf_hash":"%s"}`, hash.String()); want != string(raw) {
			return nil, errors.New("extra is not canonical")
		}
		return &hash, nil
	}
	recorded := tlog.RecordHash([]byte(extra.Leaf))
	if (extra.Payload == nil) != (extra.Salt == nil) {
		return nil, errors.New("payload without salt, or salt without payload")
	}
	if extra.Payload == nil {
		if want := fmt.Sprintf(`{"leaf":%s}`, quote(extra.Leaf)); want != string(raw) {
			return nil, errors.New("extra is not canonical")
		}
		return &recorded, nil
	}
	want := fmt.Sprintf(`{"leaf":%s,"payload":"%s","salt":"%s"}`, quote(extra.Leaf), *extra.Payload, *extra.Salt)
	if want != string(raw) {
		return nil, errors.New("extra is not canonical")
	}
	payload, err := strict.DecodeString(*extra.Payload)
	if err != nil {
		return nil, err
	}
	salt, err := strict.DecodeString(*extra.Salt)
	if err != nil || len(salt) != 32 {
		return nil, errors.New("not a salt")
	}
	var leaf struct {
		Commitment string `json:"commitment"`
	}
	if err := json.Unmarshal([]byte(extra.Leaf), &leaf); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(append(salt, payload...)); hex.EncodeToString(sum[:]) != leaf.Commitment {
		return nil, errors.New("the payload is not what the leaf commits to")
	}
	return &recorded, nil
}

func quote(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func checkInclusion(data string, verifier note.Verifier) error {
	head, rest, found := strings.Cut(data, "\n\n")
	if !found {
		return errors.New("no checkpoint")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return errors.New("not a tlog-proof")
	}
	leaf, err := checkExtra(lines[1][len("extra "):])
	if err != nil {
		return err
	}
	index, err := readNumber(lines[2][len("index "):])
	if err != nil {
		return err
	}
	hashes, err := readHashes(lines[3:])
	if err != nil {
		return err
	}
	head1, err := openCheckpoint([]byte(rest), verifier)
	if err != nil {
		return err
	}
	if index >= head1.size {
		return errors.New("index outside the tree")
	}
	return tlog.CheckRecord(hashes, head1.size, head1.root, index, *leaf)
}

func checkConsistency(data string, verifier note.Verifier) error {
	parts := strings.Split(data, "\n\n")
	lines := strings.Split(parts[0], "\n")
	if lines[0] != "atalaya/ledger-consistency@v1" || len(parts) != 5 {
		return errors.New("not a consistency proof")
	}
	hashes, err := readHashes(lines[1:])
	if err != nil {
		return err
	}
	older, err := openCheckpoint([]byte(parts[1]+"\n\n"+parts[2]+"\n"), verifier)
	if err != nil {
		return err
	}
	newer, err := openCheckpoint([]byte(parts[3]+"\n\n"+parts[4]), verifier)
	if err != nil {
		return err
	}
	if older.size == 0 {
		// Go's package starts at one leaf; the empty tree is the start of every tree.
		if len(hashes) != 0 || older.root != tlog.Hash(sha256.Sum256(nil)) {
			return errors.New("not the empty tree")
		}
		return nil
	}
	return tlog.CheckTree(hashes, newer.size, newer.root, older.size, older.root)
}

func check(name string, data []byte, verifier note.Verifier) error {
	switch filepath.Ext(name) {
	case ".checkpoint":
		_, err := openCheckpoint(data, verifier)
		return err
	case ".tlog-proof":
		return checkInclusion(string(data), verifier)
	case ".consistency":
		return checkConsistency(string(data), verifier)
	}
	return errors.New("unknown kind of file")
}

func fatal(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "ledger_go: "+format+"\n", arguments...)
	os.Exit(1)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fatal("%v", err)
	}
	return data
}

func sweep(path string, verifier note.Verifier) int {
	data := read(path)
	refused := 0
	for i := range data {
		for bit := 0; bit < 8; bit++ {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			if check(path, bad, verifier) == nil {
				fatal("%s is accepted with bit %d of byte %d changed", path, bit, i)
			}
			refused++
		}
	}
	return refused
}

func main() {
	if len(os.Args) < 3 {
		fatal("usage: ledger_go verify FOLDER | ledger_go sweep FOLDER FILE…")
	}
	folder := os.Args[2]
	vkey := string(read(filepath.Join(folder, "vkey")))
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		fatal("vkey: %v", err)
	}
	if os.Args[1] == "sweep" {
		refused := 0
		for _, name := range os.Args[3:] {
			refused += sweep(filepath.Join(folder, name), verifier)
		}
		fmt.Printf("refused all of %d changed files\n", refused)
		return
	}
	accepted := map[string]int{}
	for _, pattern := range []string{"*.checkpoint", "*.tlog-proof", "*.consistency"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(paths) == 0 {
			fatal("no %s in %s", pattern, folder)
		}
		for _, path := range paths {
			if err := check(path, read(path), verifier); err != nil {
				fatal("%s: %v", path, err)
			}
			accepted[pattern]++
		}
	}
	fmt.Printf("accepted %d checkpoints, %d inclusion proofs, %d consistency proofs\n",
		accepted["*.checkpoint"], accepted["*.tlog-proof"], accepted["*.consistency"])
}
