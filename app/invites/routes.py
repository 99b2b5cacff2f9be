"""HTTP: invitations. Parses and renders; decides nothing."""

from app.core.api import Access, Api, Caller
from app.invites import wire
from app.invites.actions import Invites


def invites_api(invites: Invites) -> Api:
    """Links that bring people in."""
    api = Api("invites")

    @api.operation(
        "POST", "/invites", body=wire.NewInvite, answer=wire.InviteAnswer, status=201, errors=("forbidden",)
    )
    def make_invite(caller: Caller, body: wire.NewInvite) -> wire.InviteAnswer:
        """Make an invitation link."""
        return wire.InviteAnswer(invites.make(caller.user_id, caller.is_admin, body))

    @api.operation(
        "GET", "/invites/<code>", answer=wire.InviteAnswer, access=Access.ANYONE, errors=("not_found",)
    )
    def get_invite(code: str) -> wire.InviteAnswer:
        """Who invites, where to, and whether the link still works. The code is the right to ask."""
        return wire.InviteAnswer(invites.show(code))

    @api.operation("DELETE", "/invites/<code>", errors=("not_found", "forbidden"))
    def take_back_invite(caller: Caller, code: str) -> None:
        """End an invitation I made; administrators may end any."""
        invites.take_back(caller.user_id, caller.is_admin, code)

    return api
