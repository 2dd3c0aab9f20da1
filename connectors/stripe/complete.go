package stripe

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

func seconds(n int64) string { return strconv.FormatInt(n, 10) }

// expandSubscription are the fields that say what a subscription is worth and are
// sent only when asked for. Stripe expands four levels: what lies deeper is
// fetched with the items.
func expandSubscription(prefix string) []string {
	return []string{prefix + "discounts.source.coupon", prefix + "latest_invoice"}
}

// subscription fetches one as it stands; nil when there is none.
func (a api) subscription(ctx context.Context, id string) (*subscriptionRecord, error) {
	r := &subscriptionRecord{}
	err := a.get(ctx, "subscriptions/"+url.PathEscape(id), url.Values{"expand[]": expandSubscription("")}, &r.Subscription)
	if status(err) == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r, a.completeSubscription(ctx, r)
}

// completeSubscription adds what the list of subscriptions could not tell.
func (a api) completeSubscription(ctx context.Context, r *subscriptionRecord) error {
	s := &r.Subscription
	if s.itemsUntold() {
		if err := a.items(ctx, s); err != nil {
			return err
		}
	}
	s.LatestInvoice.Object = s.LatestInvoice.Object.brief()
	if s.Status != "past_due" && s.Status != "unpaid" {
		return nil
	}
	// The newest first: from the last one that was paid on, none was.
	done := false
	_, err := all(ctx, a, "invoices", values("subscription", s.ID), 1, func(in *invoice) string {
		switch {
		case done || in.Status == "draft" || in.Status == "void":
		case in.Status == "paid":
			done = true
		default:
			if r.UnpaidSince = in.Transitions.Finalized; r.UnpaidSince == 0 {
				r.UnpaidSince = in.Created
			}
		}
		return in.ID
	})
	return err
}

// brief leaves out the amounts of a last invoice that tells nothing.
func (b *invoiceBrief) brief() *invoiceBrief {
	if b == nil || b.Net == nil || b.Total == 0 {
		return nil
	}
	return b
}

// items replaces the items by the full list of them.
func (a api) items(ctx context.Context, s *subscription) error {
	var full []item
	q := url.Values{"subscription": {s.ID}, "expand[]": {"data.discounts.source.coupon", "data.price.tiers"}}
	_, err := all(ctx, a, "subscription_items", q, aroundPages, func(it *item) string {
		full = append(full, *it)
		return it.ID
	})
	if status(err) == http.StatusNotFound || len(full) == 0 {
		return optional(err) // it has ended, and what it says of itself has to do
	}
	s.Items = list[item]{Data: full}
	return err
}

// itemsUntold says whether the items as they came do not tell what they cost.
func (s *subscription) itemsUntold() bool {
	if s.Items.HasMore {
		return true
	}
	for i := range s.Items.Data {
		it := &s.Items.Data[i]
		if it.Price.Scheme == "tiered" && len(it.Price.Tiers) == 0 || untold(it.Discounts) {
			return true
		}
	}
	return false
}

// untold says whether a discount does not tell its coupon.
func untold(discounts []expandable[discount]) bool {
	for i := range discounts {
		if d := discounts[i].Object; d == nil || d.coupon() == nil {
			return true
		}
	}
	return false
}

// incomplete says whether the subscription of an event does not tell what it is worth.
func (s *subscription) incomplete() bool {
	if s.itemsUntold() || untold(s.Discounts) || s.Discount != nil && s.Discount.coupon() == nil {
		return true
	}
	for i := range s.Items.Data {
		if s.Items.Data[i].Price.Behavior == "inclusive" && s.AutomaticTax.Enabled && s.LatestInvoice.Object == nil {
			return true
		}
	}
	return false
}

// adopt fills what an event left out from the subscription as it stands now.
// What has gone since is left out.
func (s *subscription) adopt(now *subscription) {
	known, articles := map[string]expandable[discount]{}, map[string]item{}
	remember := func(list []expandable[discount]) {
		for _, d := range list {
			known[d.ID] = d
		}
	}
	remember(now.Discounts)
	for _, it := range now.Items.Data {
		remember(it.Discounts)
		articles[it.ID] = it
	}
	fill := func(list []expandable[discount]) {
		for i := range list {
			if d, ok := known[list[i].ID]; ok && list[i].Object == nil {
				list[i] = d
			}
		}
	}
	fill(s.Discounts)
	if s.Items.HasMore {
		s.Items = now.Items
	}
	for i := range s.Items.Data {
		it := &s.Items.Data[i]
		fill(it.Discounts)
		if other, ok := articles[it.ID]; ok && other.Price.ID == it.Price.ID {
			it.Price.Tiers = other.Price.Tiers
		}
	}
	if s.LatestInvoice.Object == nil {
		s.LatestInvoice = now.LatestInvoice
	}
}
