# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The modules, from reading a host to changing it:
#
# observe, drift       the state of a host, and why it is not as wanted
# claims, ready_account
#                      the owner of the names of an application
# edits, settings, aside, restore
#                      files of ours that somebody changed by hand
# generations, folders, artifacts, integrity
#                      the releases, and whether they are whole
# checks, proof, starts
#                      one answer of a health check; the proof of a unit;
#                      why a unit did not start
# request, rendered, planning, outdated, draft, refusals, summary
#                      the plan of a deploy, and the report about it
# stops, reach         what the report tells of the time of a stop, and of
#                      services that no other host reaches
# phases               validate, prepare and activate, step by step
# fit, shipment        whether the shipped files suit the host
# apply, inputs, code_build, workshops, jobs
#                      running a draft: build and lay down its files
# switch, heal, links  which units are started, stopped and linked
# traces, transaction, recovery, failures
#                      repair after a run that failed or died
# rollback, prune, removal, data, empty_job
#                      going back, and removing
# blame, remedies, enforcement, enforcement_job
#                      the faults of a host, and the remedies
