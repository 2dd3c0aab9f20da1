package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
)

const (
	goodPassword  = "quatre loutres sous la braise"
	otherPassword = "neuf lanternes au bord du quai"
)

// visitor is somebody with a browser of their own, which keeps cookies and follows no
// redirect.
type visitor struct {
	*site
	client *http.Client
	agent  string
}

func (s *site) visitor() *visitor {
	jar, _ := cookiejar.New(nil) // never fails
	return &visitor{s, &http.Client{
		Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

func (v *visitor) ask(method, path string, values url.Values, header http.Header) answer {
	v.Helper()
	r, err := http.NewRequestWithContext(v.Context(), method, v.url+path, strings.NewReader(values.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Accept-Language", "fr")
	r.Header.Set("User-Agent", v.agent)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, list := range header {
		r.Header[name] = list
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Location"), string(body), res.Header}
}

func (v *visitor) get(path string) answer { v.Helper(); return v.ask("GET", path, nil, nil) }

func (v *visitor) post(path string, pairs ...string) answer {
	v.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return v.ask("POST", path, values, nil)
}

// leads checks that an answer leads to an address.
func (s *site) leads(a answer, to string) {
	s.Helper()
	if a.status != http.StatusSeeOther || a.to != to {
		s.Fatalf("%d to %q, want %q: %.200s", a.status, a.to, to, a.body)
	}
}

// in says whether the visitor is signed in.
func (v *visitor) in() bool {
	v.Helper()
	return v.get("/settings/security").to != "/sign-in?back=%2Fsettings%2Fsecurity"
}

// enter signs in with a password.
func (v *visitor) enter(u store.User) {
	v.Helper()
	v.leads(v.post("/sign-in", "email", u.Email, "password", goodPassword), "/")
}

// person is somebody with a password and a seat.
func (s *site) person(role store.Role) store.User {
	s.Helper()
	u := s.colleague(role)
	if err := s.Accounts.SetPassword(s.Context(), u.ID, goodPassword, 0); err != nil {
		s.Fatal(err)
	}
	u, err := s.Store.User(s.Context(), u.ID)
	if err != nil {
		s.Fatal(err)
	}
	return u
}

// letters are the letters of a kind to an address, the newest first, once all errands
// are done.
func (s *site) letters(kind mail.Kind, to string) []mail.Message {
	s.Helper()
	s.Finish()
	all, err := s.Store.Letters(s.Context(), 0, 0, 100)
	if err != nil {
		s.Fatal(err)
	}
	var list []mail.Message
	for _, l := range all {
		if l.Kind != string(kind) || l.Recipient != to {
			continue
		}
		m, err := s.Post.Open(l)
		if err != nil {
			s.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

var inText = regexp.MustCompile(`http://[^\s]+`)

// linkIn is the path of the link in the newest letter.
func (s *site) linkIn(kind mail.Kind, to string) string {
	s.Helper()
	list := s.letters(kind, to)
	if len(list) == 0 {
		s.Fatalf("no letter %s", kind)
	}
	link := inText.FindString(list[0].Text)
	if !strings.HasPrefix(link, s.url) {
		s.Fatalf("the letter's link is %q", link)
	}
	return strings.TrimPrefix(link, s.url)
}

// exec changes the database as time would.
func (s *site) exec(sql string, args ...any) {
	s.Helper()
	if _, err := s.Store.Pool().Exec(store.Across(s.Context()), sql, args...); err != nil {
		s.Fatal(err)
	}
}

func (s *site) invite(email string, role store.Role) (store.Invitation, string) {
	s.Helper()
	seats, err := s.Store.Seats(s.Context(), s.owner.ID)
	if err != nil {
		s.Fatal(err)
	}
	n, token, err := s.Accounts.Invite(s.Context(), account.Actor{User: s.owner, Seat: seats[0]}, account.Invitation{Email: email, Role: role, Language: "fr"})
	if err != nil {
		s.Fatal(err)
	}
	return n, token
}

func TestBrowserOf(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":               "Edge, Windows",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                            "Chrome, Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1": "Safari, iOS",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15":                   "Safari, macOS",
		"": "", "nothing": "", "Linux": "Linux", "curl/8.0": "curl",
	} {
		if got := browserOf(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}
