//! The contract of [`alpha::ports::Store`]: what every store does, whatever it is made of.
//!
//! Each behaviour is given an empty place. Time is an argument throughout: nothing here waits.

pub mod claims;
pub mod create;
pub mod inbox;
pub mod notes;
pub mod outbox;
pub mod overview;
pub mod queries;
pub mod save;

/// Runs all behaviours against the places that a function makes.
macro_rules! contract {
    ($place:path) => {
        $crate::store::contract::behaviours! { $place =>
            create {
                a_job_is_there_with_its_history_messages_and_case,
                the_same_request_makes_one_job,
                a_role_has_one_open_job,
                a_job_that_is_refused_leaves_nothing,
                of_many_requests_for_one_role_one_makes_a_job,
            }
            save {
                a_change_is_stored_whole,
                a_change_from_an_old_version_is_told_what_there_is,
                a_change_that_fails_leaves_nothing,
                of_fifty_racing_changes_one_wins_and_the_others_are_told_who,
                a_job_that_opens_again_waits_for_the_open_one_of_its_role,
                a_change_settles_what_it_answers,
                every_state_reads_back_as_it_was,
                everything_survives_reopening,
                a_history_stays_bound_entry_by_entry,
            }
            claims {
                what_is_due_is_claimed_the_longest_due_first,
                what_is_claimed_is_nobody_elses_until_the_lease_ends,
                one_job_is_claimed_by_name_when_it_is_due_and_free,
                a_claim_is_renewed_in_time_or_lost,
                a_renewed_claim_brings_nothing_up_before_it_is_due,
                a_change_ends_the_claim_only_when_it_says_so,
                a_claim_keeps_nobody_from_deciding,
                an_owner_lets_everything_go_at_once,
                many_workers_never_hold_the_same_job,
                what_is_due_within_the_same_millisecond_is_not_claimed_early,
            }
            inbox {
                what_comes_twice_is_stored_once,
                what_came_is_claimed_the_oldest_first_until_it_is_settled,
                the_oldest_that_waits_is_known_whoever_holds_it,
                a_lost_claim_on_a_receipt_is_taken_over,
                settling_stores_what_is_told_once,
                what_was_settled_is_still_known_for_a_repetition,
            }
            outbox {
                rows_of_a_lane_come_one_by_one_in_order,
                no_lane_of_a_job_waits_for_another,
                what_changes_a_message_waits_for_its_post,
                rows_about_no_job_come_side_by_side,
                a_row_that_has_to_wait_holds_up_its_own_job_alone,
                what_was_given_up_holds_nobody_up,
                a_row_exists_once_whoever_writes_it_again,
                a_lost_claim_stores_nothing,
                a_row_that_was_let_go_in_mid_flight_may_have_been_sent,
                a_thread_tells_its_job_by_the_root_alone,
                a_retried_row_keeps_its_place,
                a_message_is_known_by_its_place,
                many_deliverers_never_hold_two_rows_of_a_lane,
            }
            notes {
                a_note_is_written_only_over_the_version_that_was_seen,
                of_racing_writers_of_a_note_each_sees_what_the_others_wrote,
                notes_survive_reopening,
            }
            queries {
                jobs_are_listed_the_newest_first_page_by_page,
                jobs_are_found_by_role_state_and_requester,
                a_requester_is_known_across_the_workspaces_of_an_organisation,
                what_is_not_there_is_none,
            }
            overview {
                uses_are_counted_by_key_and_window,
                concurrent_uses_are_all_counted,
                the_next_due_is_the_first_that_can_be_claimed,
                the_census_counts_jobs_rows_and_receipts,
                a_store_that_works_is_ready,
            }
        }
    };
}

/// Makes a test of each behaviour.
macro_rules! behaviours {
    ($place:path => $($module:ident { $($behaviour:ident),+ $(,)? })+) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    crate::store::contract::$module::$behaviour(&$place()).await;
                }
            )+
        }
    )+};
}

pub(crate) use {behaviours, contract};
