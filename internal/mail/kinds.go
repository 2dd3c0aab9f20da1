package mail

// Kind is what a message is about.
type Kind string

// The kinds of message.
const (
	Invitation          Kind = "invitation"
	MagicLink           Kind = "magic_link"
	ResetPassword       Kind = "reset_password"
	VerifyAddress       Kind = "verify_address"  // to a new address
	AddressChanged      Kind = "address_changed" // to the old address
	PasswordChanged     Kind = "password_changed"
	NewDevice           Kind = "new_device"
	PasskeyAdded        Kind = "passkey_added"
	TwoFactorChanged    Kind = "two_factor_changed" // Data.On says which way
	APIKeyCreated       Kind = "api_key_created"
	ExportReady         Kind = "export_ready"
	DeletionScheduled   Kind = "deletion_scheduled"
	OrganisationDeleted Kind = "organisation_deleted"
	MemberErased        Kind = "member_erased" // to the owner; it does not name the member
	RoleChanged         Kind = "role_changed"
	Removed             Kind = "removed"
	AccountExists       Kind = "account_exists"    // to who asks for an account and has one
	ConfirmationCode    Kind = "confirmation_code" // Data.Key is the code
	SignInLinked        Kind = "sign_in_linked"    // Data.Key is where
	Test                Kind = "test"
)

// Kinds are all kinds, in the order above.
func Kinds() []Kind {
	return []Kind{
		Invitation, MagicLink, ResetPassword, VerifyAddress, AddressChanged, PasswordChanged, NewDevice, PasskeyAdded,
		TwoFactorChanged, APIKeyCreated, ExportReady, DeletionScheduled, OrganisationDeleted, MemberErased, RoleChanged,
		Removed, AccountExists, ConfirmationCode, SignInLinked, Test,
	}
}

// fact is a line of a message that names one circumstance. Facts without a value are left out.
type fact string

const (
	factAt       fact = "at"
	factBy       fact = "by"
	factBrowser  fact = "browser"
	factPlace    fact = "place"
	factContents fact = "contents"
	factSize     fact = "size"
)

// shape says what a kind has besides subject, preheader, title and text, which stand in the catalogue under its name.
type shape struct {
	needs  string // the fields of Data that must not be empty, separated by spaces
	button string // the key of the button, which is left out when there is no Link
	facts  []fact
	after  string // the key of the sentence after the button
	note   string // the key of the last sentence
}

func shapeOf(k Kind) (shape, bool) {
	request := []fact{factBrowser, factPlace, factAt}
	security := shape{button: "mail.security.button", facts: request, note: "mail.security.note"}
	own := "mail." + string(k)
	switch k {
	case Invitation:
		return shape{needs: "Person Organisation Role Until Link", button: own + ".button", after: own + ".after", note: own + ".note"}, true
	case MagicLink, ResetPassword:
		return shape{needs: "Valid Link", button: own + ".button", facts: request, after: "mail.once", note: own + ".note"}, true
	case VerifyAddress:
		return shape{needs: "Address Valid Link", button: own + ".button", after: "mail.once", note: own + ".note"}, true
	case AddressChanged:
		security.needs, security.note = "Address At", own+".note" // whoever changed it receives the links for a new password
		return security, true
	case PasswordChanged, NewDevice, TwoFactorChanged:
		security.needs = "At"
		return security, true
	case AccountExists:
		return shape{needs: "Link", button: own + ".button", facts: request, note: own + ".note"}, true
	case ConfirmationCode:
		return shape{needs: "Key Valid", facts: request, note: own + ".note"}, true
	case PasskeyAdded, SignInLinked:
		security.needs = "Key At"
		return security, true
	case APIKeyCreated:
		return shape{needs: "Person Organisation Key At", button: own + ".button", facts: request, note: own + ".note"}, true
	case ExportReady:
		return shape{needs: "Contents Until Link", button: own + ".button", facts: []fact{factContents, factSize}, after: own + ".after", note: own + ".note"}, true
	case DeletionScheduled:
		return shape{needs: "Person Organisation Until", button: own + ".button", note: own + ".note"}, true
	case OrganisationDeleted:
		return shape{needs: "Organisation At", facts: []fact{factBy, factAt}, note: own + ".note"}, true
	case MemberErased:
		return shape{needs: "Person Organisation Community At", facts: []fact{factAt}, note: own + ".note"}, true
	case RoleChanged:
		return shape{needs: "Person Organisation Role", button: "mail.open", after: own + ".after"}, true
	case Removed:
		return shape{needs: "Person Organisation", note: own + ".note"}, true
	case Test:
		return shape{needs: "Person", facts: []fact{factAt}}, true
	}
	return shape{}, false
}

// prefix is where the sentences of a message stand in the catalogue.
func prefix(k Kind, d Data) string {
	p := "mail." + string(k)
	switch {
	case k != TwoFactorChanged:
		return p
	case d.On:
		return p + ".on"
	}
	return p + ".off"
}
