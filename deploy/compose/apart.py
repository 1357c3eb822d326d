"""Students' servers in containers, each in a network of its own that only the hub is on, too."""

import asyncio
import ipaddress
import socket

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool
from dockerspawner import DockerSpawner
from traitlets import Unicode, default

_choosing = asyncio.Lock()  # of the addresses that are free


class ApartSpawner(DockerSpawner):
    """Students' servers reach the hub: no other student's server, no service of the machine."""

    subnets = Unicode(
        "10.213.0.0/16",
        config=True,
        help="Addresses for the networks, eight for each. They are used inside of these alone.",
    )

    @default("network_name")
    def _own_network(self):
        return f"fairmark-{self.container_name}"

    async def start(self):
        """Make the network, put the hub on it, and start the container there."""
        async with _choosing:
            try:
                network = await self.docker("inspect_network", self.network_name)
            except NotFound:
                await self._make_network()
                network = {"Containers": {}}
        hub = socket.gethostname()  # the container's number, as Docker sets it
        if not any(number.startswith(hub) for number in network["Containers"]):
            await self.docker(
                "connect_container_to_network", hub, self.network_name, aliases=["hub"]
            )
        return await super().start()

    async def stop(self, now=False):
        """Stop the container, and remove its network."""
        await super().stop(now)
        try:
            await self.docker(
                "disconnect_container_from_network", socket.gethostname(), self.network_name
            )
            await self.docker("remove_network", self.network_name)
        except APIError as error:  # the next start takes it as it is
            self.log.warning("The network %s stays: %s", self.network_name, error)

    async def _make_network(self):
        used = [
            ipaddress.ip_network(pool["Subnet"])
            for network in await self.docker("networks")
            for pool in network["IPAM"]["Config"] or ()
        ]
        subnet = next(
            each
            for each in ipaddress.ip_network(self.subnets).subnets(new_prefix=29)
            if not any(each.version == other.version and each.overlaps(other) for other in used)
        )
        await self.docker(
            "create_network",
            self.network_name,
            driver="bridge",
            internal=True,
            # No address for the bridge: else the server reaches what listens on this machine.
            options={"com.docker.network.bridge.inhibit_ipv4": "true"},
            ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
            labels={"fairmark": "student"},
        )
