# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Where to look, from reading a host to changing it:
#
# observe, drift       what is on the host, and why it is not as wanted
# claims               whose the names of an application are
# generations, artifacts, integrity
#                      the releases, and whether they are whole
# checks, proof        one answer of a health check; the proof of a unit
# request, rendered, planning, outdated, draft, refusals, summary
#                      what a deploy would do, and how users are told
# phases               validate, prepare and activate, step by step
# fit, shipment        whether the shipped files suit the host
# apply, inputs, code_build, workshops, jobs
#                      running a draft: what is built and laid down
# switch, heal, links  which units are started, stopped and linked
# traces, transaction, recovery, failures
#                      what happens when a run fails or dies
# rollback, prune, removal, data, empty_job
#                      going back, and removing
# blame, remedies, enforcement, enforcement_job
#                      what a host is to blame for, and what may help
