"""A stock gRPC client that knows nothing of our service: it learns all from server reflection, as grpcurl does.

Usage: reflection-client.py TARGET CA CERT KEY REFLECTION_VERSION SERVICE METHOD REQUEST_JSON
CERT and KEY may be empty. Prints one JSON object: health, services, replies, error.
"""

import importlib
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

target, ca, cert, key, version, service_name, method_name, request_json = sys.argv[1:]

health_pb2 = importlib.import_module("standard.health.v1.health_pb2")
reflection_pb2 = importlib.import_module(f"standard.reflection.{version}.reflection_pb2")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def reflect(channel, **question):
    stream = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    request = reflection_pb2.ServerReflectionRequest(**question)
    return next(stream(iter([request]), timeout=10))


def main():
    credentials = grpc.ssl_channel_credentials(
        read(ca), read(key) if key else None, read(cert) if cert else None
    )
    options = [("grpc.ssl_target_name_override", "server")]
    result = {"error": None}
    with grpc.secure_channel(target, credentials, options) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        health = check(health_pb2.HealthCheckRequest(service=service_name), timeout=10)
        result["health"] = health_pb2.HealthCheckResponse.ServingStatus.Name(health.status)
        try:
            listing = reflect(channel, list_services="")
            result["services"] = [service.name for service in listing.list_services_response.service]
            answer = reflect(channel, file_containing_symbol=service_name)
            pool = descriptor_pool.DescriptorPool()
            for data in answer.file_descriptor_response.file_descriptor_proto:
                pool.Add(descriptor_pb2.FileDescriptorProto.FromString(data))
            method = pool.FindServiceByName(service_name).methods_by_name[method_name]
            factory = message_factory.MessageFactory(pool)
            request_type = factory.GetPrototype(method.input_type)
            reply_type = factory.GetPrototype(method.output_type)
            call = channel.unary_stream(
                f"/{service_name}/{method_name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=reply_type.FromString,
            )
            request = json_format.Parse(request_json, request_type())
            result["replies"] = [
                json_format.MessageToDict(reply) for reply in call(request, timeout=10)
            ]
        except grpc.RpcError as error:
            result["error"] = error.code().name
    print(json.dumps(result))


main()
