package discordtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// register takes a command of the application.
func (s *Server) register(w http.ResponseWriter, r *http.Request) {
	var c map[string]any
	if r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&c) != nil {
		s.badForm(w)
		return
	}
	name, _ := c["name"].(string)
	text, _ := c["description"].(string)
	switch {
	case r.PathValue("application") != s.options.ClientID:
		s.refuse(w, http.StatusForbidden, 20012, "You are not authorized to perform this action on this application")
		return
	case name == "" || len(name) > 32 || text == "" || len(text) > 100:
		s.badForm(w)
		return
	}
	s.mu.Lock()
	s.command = c
	s.mu.Unlock()
	c["id"], c["application_id"], c["version"] = "1000000000000000021", s.options.ClientID, "1000000000000000022"
	c["default_member_permissions"], c["name_localizations"], c["nsfw"] = nil, nil, false
	s.answer(w, http.StatusCreated, c)
}

// Interact has a member use the registered command with a sub-command, and posts
// that to the application's endpoint, signed. It returns the answer's text.
func (s *Server) Interact(ctx context.Context, endpoint, guild, user, sub, locale string) (string, error) {
	s.mu.Lock()
	name, _ := s.command["name"].(string)
	s.mu.Unlock()
	if name == "" {
		return "", errors.New("discordtest: no command is registered")
	}
	raw, err := s.Call(ctx, endpoint, map[string]any{
		"id": "1000000000000000031", "application_id": s.options.ClientID, "type": 2, "token": "interaction-token", "version": 1,
		"guild_id": guild, "locale": locale, "member": map[string]any{"user": map[string]any{"id": user}},
		"data": map[string]any{"id": "1000000000000000021", "type": 1, "name": name, "options": []any{map[string]any{"type": 1, "name": sub}}},
	})
	if err != nil {
		return "", err
	}
	var answer struct {
		Type int `json:"type"`
		Data struct {
			Content string `json:"content"`
			Flags   int    `json:"flags"`
		} `json:"data"`
	}
	switch err := json.Unmarshal(raw, &answer); {
	case err != nil:
		return "", fmt.Errorf("discordtest: answer: %w", err)
	case answer.Type != 4 || answer.Data.Flags != 1<<6:
		return "", errors.New("discordtest: the answer is no message for one person only")
	}
	return answer.Data.Content, nil
}

// Call posts an interaction to an endpoint, signed, and returns the answer.
func (s *Server) Call(ctx context.Context, endpoint string, interaction any) ([]byte, error) {
	body, err := json.Marshal(interaction)
	if err != nil {
		return nil, fmt.Errorf("discordtest: %w", err)
	}
	stamp := strconv.FormatInt(s.options.Now().Unix(), 10)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // all that the platform waits
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("discordtest: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Signature-Timestamp", stamp)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(s.private, append([]byte(stamp), body...))))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("discordtest: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("discordtest: endpoint answered %d", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, 1<<20))
}
