package slack

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// BenchmarkReceive takes signed deliveries of an ordinary message, blocks and all:
// from the request to what the inbox stores.
func BenchmarkReceive(b *testing.B) {
	body := []byte(outer(`{"client_msg_id":"00000000-0000-4000-8000-000000000001","type":"message","text":"<@U00000002> quelqu'un a d\u00e9j\u00e0 essay\u00e9 ? <https:\/\/example.com\/a>","user":"U00000001","ts":"1700000000.000100","blocks":[{"type":"rich_text","block_id":"abc","elements":[{"type":"rich_text_section","elements":[{"type":"user","user_id":"U00000002"},{"type":"text","text":" quelqu'un a d\u00e9j\u00e0 essay\u00e9 ? "},{"type":"link","url":"https:\/\/example.com\/a"}]}]}],"team":"T1","thread_ts":"1699999999.000100","parent_user_id":"U00000003","channel":"C00000001","event_ts":"1700000000.000100","channel_type":"channel"}`))
	now := time.Unix(1700000000, 0)
	app, header := testApp(now), sign(testSecret, string(body), now)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header, r.ContentLength = header, int64(len(body))
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	start := time.Now()
	for b.Loop() {
		r.Body = io.NopCloser(bytes.NewReader(body))
		d, err := connector{}.Receive(app, r, never)
		if err != nil || len(d.Parcels) != 1 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "deliveries/s")
}
