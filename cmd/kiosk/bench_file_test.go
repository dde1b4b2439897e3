//go:build !race

package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"liaison/station"
	"liaison/station/ledger"
	"liaison/station/ledger/bolt"
	"liaison/station/typed"
)

// A plant is the program as it is shipped, and a station for it to work on:
// 周立 is head, with the PIN 1357 and a key.
type plant struct {
	b    *testing.B
	bin  string
	dir  string
	key  ssh.Signer
	head station.User
}

// newPlant builds the program and a station with n receptions, the last
// hundred of today.
func newPlant(b *testing.B, n int) plant {
	b.Helper()
	p := plant{b: b, bin: filepath.Join(b.TempDir(), "kiosk"), dir: filepath.Join(b.TempDir(), "data")}
	if out, err := exec.Command("go", "build", "-trimpath", "-o", p.bin, "liaison/cmd/kiosk").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	p.run("init", "--station", "QA01", "--name", "曲阿街道代表联络站")
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	if p.key, err = ssh.NewSignerFromKey(private); err != nil {
		b.Fatal(err)
	}
	led, err := bolt.Open(filepath.Join(p.dir, ledgerFile), bolt.Options{Writer: "QA01", Indexes: station.Indexes()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := led.Close(); err != nil {
			b.Fatal(err)
		}
	}()
	desk, err := station.Open(led, station.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := desk.PutVillages(owner(), demoVillages()); err != nil {
		b.Fatal(err)
	}
	if _, err := desk.PutDeputies(owner(), demoDeputies()); err != nil {
		b.Fatal(err)
	}
	p.head, err = desk.AddUser(owner(), station.User{Name: "周立", Role: station.RoleHead,
		Keys: []station.UserKey{{Fingerprint: ssh.FingerprintSHA256(p.key.PublicKey()), Comment: "bench"}}}, "1357")
	if err != nil {
		b.Fatal(err)
	}
	fillStation(b, led, n, p.head.ID)
	return p
}

func (p plant) command(args ...string) *exec.Cmd {
	c := exec.Command(p.bin, append(args, "--data", p.dir)...)
	c.Stderr = os.Stderr
	return c
}

func (p plant) run(args ...string) {
	p.b.Helper()
	if err := p.command(args...).Run(); err != nil {
		p.b.Fatalf("kiosk %q: %v", args, err)
	}
}

// fillStation writes receptions straight into the ledger, in commits of some
// thousand entries: a hundred a day, up to today.
func fillStation(b *testing.B, led *bolt.Ledger, n int, by string) {
	b.Helper()
	const perDay = 100
	rng := mathrand.New(mathrand.NewPCG(1, 2026))
	pick := func(of []rune) rune { return of[rng.IntN(len(of))] }
	surnames, given := []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单仇解查曾区朴"), []rune("明敏国华建军小芳秀英丽强伟勇杰娟艳涛超霞平刚桂兰玉珍萍鹏飞红")
	samples := demoReceptions(time.Now())
	today := typed.DateOf(time.Now().In(station.Beijing)).Time(station.Beijing)
	var c ledger.Change
	put := func(k ledger.Kind, id string, private bool, body any) {
		text, err := json.Marshal(body)
		if err != nil {
			b.Fatal(err)
		}
		c.New = append(c.New, ledger.New{Kind: k, ID: ledger.ID(id), By: by, Private: private, Body: text})
	}
	number := func(year int, mark string, run int) station.Number {
		s := fmt.Sprintf("QA01%02dA%s%04d", year%100, mark, run)
		check, err := typed.Check3736(s)
		if err != nil {
			b.Fatal(err)
		}
		return station.Number(fmt.Sprintf("QA01-%02dA-%s%04d-%c", year%100, mark, run, check))
	}
	runs := map[int]int{}
	for i := range n {
		day := today.AddDate(0, 0, -(n-1)/perDay+i/perDay)
		at := day.Add(time.Duration(i%perDay) * time.Minute)
		session := fmt.Sprintf("s-%08d", i/perDay)
		if i%perDay == 0 {
			put(station.KindSession, session, false, station.Session{Number: number(day.Year(), "S", i/perDay+1), Day: typed.DateOf(at),
				Time: "fixed", Place: "station", Topic: "open", Deputies: []string{"D001"}})
		}
		runs[day.Year()]++
		num, id := number(day.Year(), "", runs[day.Year()]), fmt.Sprintf("v-%08d", i)
		put(station.KindVoter, id, true, station.Voter{Name: string([]rune{pick(surnames), pick(given), pick(given)}), Phone: fmt.Sprintf("138%08d", rng.IntN(1e8))})
		put(station.KindVisit, id, false, station.Visit{Number: num, Session: ledger.ID(session), By: by, At: at, Entered: at, Channel: "walkin", Persons: 1, Village: "321181002001"})
		m := samples[rng.IntN(len(samples))].Matters[0]
		put(station.KindMatter, fmt.Sprintf("m-%08d", i), false, station.Matter{Visit: ledger.ID(id), Number: num.Matter(1), N: 1, Title: m.Content,
			Content: m.Content, Kind: m.Kind, Category: m.Category, Disposition: m.Disposition, Reply: m.Reply, Urgency: "normal"})
		if len(c.New) >= 5000 || i == n-1 {
			if _, err := led.Commit(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			c.New = c.New[:0]
		}
	}
}
