package whatsapp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
)

// BenchmarkReceive is one signed request: of one message, and of a full batch.
func BenchmarkReceive(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprint(size, " messages"), func(b *testing.B) {
			w := whatsapptest.New(options())
			n := w.AddNumber("Atelier", "+33 1 00 00 00 00")
			for i := range size {
				w.Write(w.AddPerson(fmt.Sprint("Personne ", i), ""), n, nil, "Bonjour, c'est ouvert demain ?")
			}
			body := string(w.Bodies(whatsapptest.Delivery{Batch: size})[0])
			signature, app := w.Sign([]byte(body)), application()
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/hooks", strings.NewReader(body))
				r.Header.Set("X-Hub-Signature-256", signature)
				d, err := whatsapp.Connector{}.Receive(app, r, keepNothing)
				if err != nil || len(d.Parcels) != size {
					b.Fatal(err, len(d.Parcels))
				}
			}
		})
	}
}

// BenchmarkNormalizeLive is what a drain does with one message.
func BenchmarkNormalizeLive(b *testing.B) {
	d, err := receive(messages(text("wamid.A", `"from":"33600000001"`)), keepNothing)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := whatsapp.New().Normalize(d.Parcels[0].Payload); err != nil {
			b.Fatal(err)
		}
	}
}
