# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page that counts the users in the database."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

application: WSGIHandler = get_wsgi_application()


def users(_request: HttpRequest) -> JsonResponse:
    """Return the number of users."""
    return JsonResponse({"users": get_user_model().objects.count()})


urlpatterns = [path("", users)]
