package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/errwire/errwire/interceptors"
	"github.com/errwire/errwire/retry"
	"github.com/errwire/errwire/status"
	"github.com/errwire/errwire/status/firebase/auth"
	"github.com/errwire/errwire/status/firebase/messaging"
)

func notFound(ctx context.Context, t *tour) {
	_, err := t.get(ctx, "42")
	t.held(err)
	e := status.FromError(err)
	t.expect("status.IsNotFound(err)", status.IsNotFound(err))
	t.expect("errors.Is(err, userNotFound)", errors.Is(err, userNotFound))
	t.expect(`the metadata say user=42`, e.Metadata()["user"] == "42")
	t.expect("one attempt: NOT_FOUND is not retried", e.Attempts() == 1)
	t.expect("the text is the message and nothing more", err.Error() == "There is no user 42.")
}

func downForAMoment(ctx context.Context, t *tour) {
	name, err := t.get(ctx, "down")
	t.held(err)
	t.expect("the answer is there", err == nil && name == "Ada")
	t.expect("two attempts failed before it", len(t.events) == 2)
}

func asksForALittle(ctx context.Context, t *tour) {
	start := time.Now()
	name, err := t.get(ctx, "busy")
	t.held(err)
	t.expect("the answer is there", err == nil && name == "Ada")
	t.expect("the client waited at least 200 ms", time.Since(start) >= 200*time.Millisecond)
}

func asksForTooMuch(ctx context.Context, t *tour) {
	_, err := t.get(ctx, "overloaded")
	t.held(err)
	delay, ok := status.RetryDelay(err)
	t.expect("status.IsUnavailable(err)", status.IsUnavailable(err))
	t.expect("the wish can be read: 10 min", ok && delay == 10*time.Minute)
	t.expect("one attempt, no wait", status.FromError(err).Attempts() == 1)
}

func ownDeadline(ctx context.Context, t *tour) {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	_, err := t.get(ctx, "slow")
	t.held(err)
	t.expect("status.IsDeadlineExceeded(err)", status.IsDeadlineExceeded(err))
	t.expect("errors.Is(err, context.DeadlineExceeded)", errors.Is(err, context.DeadlineExceeded))
}

func streamBeforeFirst(ctx context.Context, t *tour) {
	names, err := t.list(ctx, "dies first")
	t.held(err)
	t.expect("all five messages arrived", err == nil && strings.Join(names, " ") == "Ada Ben Cleo Dana Eli")
	t.expect("one attempt failed before", len(t.events) == 1)
}

func streamAfterThird(ctx context.Context, t *tour) {
	names, err := t.list(ctx, "dies later")
	t.held(err)
	t.expect("three messages arrived, once each", strings.Join(names, " ") == "Ada Ben Cleo")
	t.expect("status.IsUnavailable(err)", status.IsUnavailable(err))
}

func streamGoesOn(ctx context.Context, t *tour) {
	names, err := t.list(ctx, "dies later", interceptors.Resume(interceptors.ResumeAfter(
		func(_, last *wrapperspb.StringValue) *wrapperspb.StringValue {
			return wrapperspb.String("after " + last.GetValue())
		})))
	t.held(err)
	t.expect("all five messages arrived, once each", err == nil && strings.Join(names, " ") == "Ada Ben Cleo Dana Eli")
	t.expect("one attempt failed in the middle", len(t.events) == 1)
}

func firebaseCodes(ctx context.Context, t *tour) {
	_, err := t.get(ctx, "firebase-user")
	t.held(err)
	t.expect("auth.IsUserNotFound(err)", auth.IsUserNotFound(err))
	t.expect("status.IsNotFound(err)", status.IsNotFound(err))
	_, err = t.get(ctx, "firebase-token")
	t.expect("messaging.IsUnregistered(err) of the next", messaging.IsUnregistered(err))
	t.expect("and not auth.IsUserNotFound(err), though it is NOT_FOUND too", !auth.IsUserNotFound(err) && status.IsNotFound(err))
}

func leak(ctx context.Context, t *tour) {
	_, err := t.get(ctx, "leaky")
	t.held(err)
	t.expect("status.IsInternal(err)", status.IsInternal(err))
	t.expect("a fixed text", err != nil && err.Error() == status.Internal.DefaultMessage())
	t.expect("no word of the secret", !strings.Contains(status.FromError(err).GRPCStatus().Proto().String(), "hunter2"))
}

func programmingError(ctx context.Context, t *tour) {
	_, err := retry.NewPolicy(retry.WithMaxAttempts(0))
	t.held(err)
	_, recognised := status.Recognize(err)
	t.expect("it is not an API error", err != nil && !recognised)
	t.expect("status.IsInvalidArgument(err) is false, and so is each of its sisters",
		!status.IsInvalidArgument(err) && !status.IsUnknown(err) && !status.IsInternal(err))
	attempts := 0
	again := retry.Do(ctx, retry.DefaultPolicy(), func(context.Context) error { attempts++; return err })
	t.expect("retry.Do returns it as it is, after one attempt", again == err && attempts == 1) //nolint:errorlint // the very same
}

func nobodyThere(ctx context.Context, t *tour) {
	t.server.Stop()
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err := t.get(ctx, "Ada")
	t.held(err)
	e := status.FromError(err)
	t.expect("status.IsUnavailable(err): the real error, not the deadline's", status.IsUnavailable(err))
	t.expect("it was made on this side", e.Origin() == status.OriginLocal)
}
