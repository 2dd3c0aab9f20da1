package secret

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStrengthRefuses(t *testing.T) {
	t.Parallel()
	me := []string{"jeanne.lerouzic@lisiere-atelier.fr", "Jeanne Le Rouzic", "Atelier Lisière"}
	cases := map[Reason][]string{
		ReasonShort: {"", "a", "x9$K!2q", "éééé", "日本語"},
		ReasonLong:  {strings.Repeat("x", 1025), strings.Repeat("é", 513)},
		ReasonCommon: {
			"password", "Password1", "P@ssw0rd!", "drowssap", "passwordpassw", "iloveyou2", "sunshine!", "football12", "LetMeIn!!", "trustno1x",
			"motdepasse", "MotDePasse1", "m0td3p4ss3", "bonjour12", "Jetaime!!", "doudou63", "loulou!!", "marseille13", "chouchou1", "Soleil+1",
			"chocolat!", "vacances1", "Bretagne29", "éssapedtom", "administrateur", "Bienvenue1", "Welcome1!", "princesse", "nicolas.75",
		},
		ReasonPersonal: {
			"lerouzic29", "Lerouzic!29", "jeanne.lerouzic", "cizuorel", "Lisiere2024!", "lisière!!", "L1s13r3!!", "atelierlisiere", "Atelier Lisière",
			"jeanne-lisiere", "lisiere-atelier.fr", "Rouzic1987", "LISIERE75",
		},
		ReasonPattern: {
			"12345678", "123456789012", "87654321", "abcdefgh", "ABCDEFGHIJ", "zyxwvuts", "acegikmo", "αβγδεζηθ",
			"11111111", "aaaaaaaaaaaa", "abababababab", "x7x7x7x7x7", "!!!!!!!!!!",
			"qwertyuiop", "asdfghjkl", "zxcvbnm,.", "azertyuiop", "qsdfghjklm", "wxcvbn,;:", "&é\"'(-è_ç", "AZERTYUIOP", "1qaz2wsx", "1aqw2zsx", "147258369", "poiuytreza",
			"15081990", "1990-08-15", "15/08/1990", "15.08.90", "19901990", "20242025",
		},
	}
	for want, passwords := range cases {
		for _, p := range passwords {
			t.Run(string(want)+" "+p[:min(len(p), 20)], func(t *testing.T) {
				t.Parallel()
				got := Strength(p, me...)
				if got.OK || (got.Reason != want && !(want == ReasonPattern && got.Reason == ReasonCommon && listed(p))) {
					t.Errorf("%q: %+v, want %s", p, got, want)
				}
			})
		}
	}
}

// listed says whether the dictionary has a word, or has it backwards: some patterns
// are so common that they are among the passwords.
func listed(w string) bool {
	folded := foldAll([]rune(w))
	forward := string(folded)
	slices.Reverse(folded)
	return rank(forward) > 0 || rank(string(folded)) > 0
}

func TestStrengthAccepts(t *testing.T) {
	t.Parallel()
	me := []string{"jeanne.lerouzic@lisiere-atelier.fr", "Jeanne Le Rouzic", "Atelier Lisière", ""}
	for _, p := range []string{
		"xK9#mQ2v", "gR7pN4wz", "kqzvxwjpfh", "9f4b1c7e2a", "Tr0ub4dour&3x", "uJ3;vT8!aaaa",
		"tortue lampe orage vinyle", "cheval-agrafe-batterie-juste", "le vélo vert dort sous la pluie", "quatre chouettes au grenier",
		"correct horse battery staple", "purple tractor sings at dawn", "my cat hates the vacuum cleaner",
		"lisiere et huit moutons bruns", "日本語のパスワードです", "пароль-соловей-туча", "🦊🌲🦉🍄🐌🪵🌧🔥",
		strings.Repeat("q8Zr!t5", 100),
	} {
		t.Run(p[:min(len(p), 30)], func(t *testing.T) {
			t.Parallel()
			if got := Strength(p, me...); !got.OK || got.Reason != "" || got.Guesses < MinGuesses {
				t.Errorf("%q: %+v", p, got)
			}
		})
	}
}

// TestStrengthOrder compares passwords of which the second is harder.
func TestStrengthOrder(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]string{
		"capitals":      {"marseille", "mArsEille"},
		"backwards":     {"marseille", "elliesram"},
		"more words":    {"soleil orage", "soleil orage tortue"},
		"length":        {"q8zr!t5w", "q8zr!t5wk"},
		"more repeats":  {"q8zrq8zr", "q8zrq8zrq8zrq8zrq8zrq8zrq8zrq8zrq8zr"},
		"more turns":    {"qwertyui", "qwedsazx"},
		"rarer word":    {"password", "passenger"},
		"sign in a day": {"15081990", "15/08/1990"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if a, b := Strength(pair[0]).Guesses, Strength(pair[1]).Guesses; a >= b {
				t.Errorf("%q %.2f, %q %.2f", pair[0], a, pair[1], b)
			}
		})
	}
}

// TestStrengthRandom accepts what a password manager makes: nearly all of eight
// characters, all of ten.
func TestStrengthRandom(t *testing.T) {
	t.Parallel()
	const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$%&*+-=?"
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{8, 10, 20} {
		refused, most := 0, 0
		if n == 8 {
			most = 6
		}
		for range 300 {
			b := make([]byte, n)
			for i := range b {
				b[i] = letters[r.IntN(len(letters))]
			}
			if !Strength(string(b)).OK {
				refused++
			}
		}
		if refused > most {
			t.Errorf("%d of 300 random passwords of %d characters refused", refused, n)
		}
	}
}

func TestDictionary(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(dictionary, "\n"), "\n")
	if !slices.IsSorted(wordsOf(lines)) || len(lines) < 20000 {
		t.Fatalf("%d words, or not sorted by bytes", len(lines))
	}
	for _, line := range lines {
		w, _, _ := strings.Cut(line, " ")
		if rank(w) < 1 {
			t.Fatalf("%q is not found", w)
		}
		if string(foldAll([]rune(w))) != w {
			t.Fatalf("%q is not folded", w)
		}
	}
	for _, w := range []string{"", "a", "\xff", "zzzzzzzzzzzzzzz", "passworz", "passworddd", "password 2", " ", "\n", "🦊"} {
		if n := rank(w); n != 0 {
			t.Errorf("%q has rank %d", w, n)
		}
	}
	if rank("password") > 10 || rank("motdepasse") > 100 {
		t.Error("the commonest are not common")
	}
}

func wordsOf(lines []string) []string {
	words := make([]string, len(lines))
	for i, l := range lines {
		words[i], _, _ = strings.Cut(l, " ")
	}
	return words
}

// slow are inputs that search the most.
func slow() map[string]string {
	fib, before := "ab", "a"
	for len(fib) < 900 {
		fib, before = fib+before, fib
	}
	return map[string]string{
		"one letter": strings.Repeat("a", 1000),
		"digits":     strings.Repeat("1", 1000),
		"fibonacci":  fib,
		"words":      strings.Repeat("lesurdesonest", 70),
		"leet":       strings.Repeat("4@8({[<36901!|$57+2%&", 40),
		"ligatures":  strings.Repeat("ﷺ", 300), // 18 characters each, after normalisation
		"accents":    "a" + strings.Repeat("\u0301", 500),
		"invalid":    strings.Repeat("\xff\xfe", 500),
	}
}

func TestStrengthBounded(t *testing.T) {
	t.Parallel()
	for name, p := range slow() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			Strength(p, p, strings.Repeat(p, 1000))
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzStrength(f *testing.F) {
	for _, p := range slow() {
		f.Add(p, p)
	}
	f.Add("Lisière2024!", "Atelier Lisière")
	f.Add("15/08/1990azerty", "")
	f.Fuzz(func(t *testing.T, password, known string) {
		start := time.Now()
		alone, v := Strength(password), Strength(password, known)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if v.OK != (v.Reason == "") || v.OK != (v.Guesses >= MinGuesses) || v.Guesses != v.Guesses || v.Guesses < 0 {
			t.Errorf("%+v", v)
		}
		if v.Guesses > alone.Guesses {
			t.Errorf("knowing %q makes %q harder: %v, %v", known, password, alone, v)
		}
	})
}
